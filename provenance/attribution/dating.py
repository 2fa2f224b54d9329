"""When can this text have been written?

What the carrier says (`published`) and what a date line over the text says is taken for the day of
writing unless the text refutes it.  The text knows more than its page does: an embedded post cannot be
younger than the text around it; "last August" and "next October" leave a few months of any year; "today,
Wednesday" leaves one day in seven.  A scraper stamps pages with the day of the crawl, and then only
these words tell.

Each of them becomes a rule; a day that breaks one is refuted, and where it can only be the day of a crawl
it still bounds the text from above.  How far the words can be trusted was counted on articles of known
days: "last" and "next" with the name of a month leave the expected months in 98 of 100 cases, so one of
them refutes a date line and two refute a carrier; "this month" is stale in 8 of 100 and refutes nothing;
"today" and a weekday hold for the day of publication or the two days before it in 91 of 100, so a
weekday moves the beginning of the interval and refutes nothing either.

Limits: expressions are those of :mod:`provenance.text.dates`; the words of an old speech inside a
quotation are taken for the author's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import attrs

from provenance.model import Article, Dates, Mention
from provenance.text.calendars import clock_words, month_numbers, weekday_numbers
from provenance.text.dates import HIJRI_TOLERANCE, DateWords, find_dates
from provenance.text.layout import Line, first_body_line, lines_of

__all__ = ["date_interval"]

# "Last August" is said up to the next summer, rarely of the month before twelve: one to ten months.
_MONTHS_APART = range(1, 11)
# Printed the next morning, stamped in another time zone, posted after the weekend.
_LATE_DAYS = 2
# Solving beyond a year finds no day that a year did not hold.
_SEARCH_DAYS = 366
# City, agency and desk beside the date of a date line.
_OTHER_WORDS = 4
# Where an article says "today": paragraphs of running text from the first.
_LEAD_LINES = 2
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@attrs.frozen(kw_only=True)
class _Rule:
    """Something the text says about the day of writing.

    Attributes:
        said: What it says, as the end of a sentence.
        allows: Whether the text can have been written on a day.
        seasonal: It speaks of months of no stated year: one alone does not refute a carrier.
        not_before: First day, where there is one.
    """

    said: str
    allows: Callable[[date], bool]
    seasonal: bool = False
    not_before: date | None = None


@attrs.frozen(kw_only=True)
class _Claim:
    """A day that carrier or text give for the day of writing.

    Attributes:
        name: Whose claim it is, for the reasons.
        slack: Days by which it may be off.
        trusted: It needs two seasonal rules to be refuted.
    """

    name: str
    day: date
    slack: int = 0
    trusted: bool = False


def date_interval(
    article: Article, mentions: Sequence[Mention], *, lines: Sequence[Line] | None = None
) -> Dates:
    """Bound the day on which a text was written, from its carrier and its own words.

    Args:
        article: The article; ``fetched`` bounds from above and is never taken for a publication date.
        mentions: Its source mentions; embedded posts and datelines among them carry dates.
        lines: The lines of its text, where they are at hand.

    Returns:
        First and last possible day, either empty where nothing bounds it, with one sentence for each
        thing that counted and each date that was refuted.
    """
    lines = lines_of(article.text) if lines is None else lines
    found = find_dates(article.text)
    own = _own_day(lines) if any(map(_is_own, found)) else None
    rules = [*_embedded(mentions), *_seasons(found), *_since(found)]
    if own:
        rules.append(_own_rule(own))
    reasons: list[str] = []
    bounds: list[_Claim] = []
    fetched = _day(article.fetched)
    if fetched:
        bounds.append(_Claim(name="day of fetching", day=_moved(fetched, 1)))
    for claim in _claims(article, lines, mentions, own):
        broken = [rule for rule in rules if not rule.allows(claim.day)]
        seasonal = sum(rule.seasonal for rule in broken)
        if fetched and claim.day > _moved(fetched, 1):
            reasons.append(f"The {claim.name} {claim.day} is refuted: it was fetched on {fetched}.")
        elif len(broken) > seasonal or seasonal > claim.trusted:
            reasons.append(f"The {claim.name} {claim.day} is refuted: {broken[0].said}.")
            if all(rule.not_before is None for rule in broken):
                bounds.append(claim)
        else:
            reasons.append(f"The {claim.name} is {claim.day}.")
            return _around(claim, own, _weekday(found), reasons)
    return _solved(rules, _weekday(found), bounds, reasons)


def _day(stamp: str) -> date | None:
    try:
        return date.fromisoformat(stamp[:10])
    except ValueError:
        return None


def _moved(day: date, days: int) -> date:
    """Return a day so many days later; the calendar of computers ends with the years 1 and 9999."""
    moved = day.toordinal() + days
    return date.fromordinal(min(max(moved, date.min.toordinal()), date.max.toordinal()))


# --- what the text says -------------------------------------------------------------------------------


def _embedded(mentions: Sequence[Mention]) -> Iterator[_Rule]:
    days = [
        words.date
        for mention in mentions
        if mention.role == "social_embed"
        for words in find_dates(mention.text)
        if words.date
    ]
    if days:
        last = max(days)
        yield _Rule(
            said=f"an embedded post is dated {last}",
            allows=lambda day: day >= last,
            not_before=last,
        )


def _since(found: Sequence[DateWords]) -> Iterator[_Rule]:
    """Rules of "since 2022": the text is not older."""
    starts = [
        words.date or date(words.year, max(words.month, 1), 1) for words in found if words.since
    ]
    if starts:
        last = max(starts)
        yield _Rule(
            said=f"the text speaks of what has gone on since {last:%B %Y}",
            allows=lambda day: day >= last,
            not_before=last,
        )


def _seasons(found: Sequence[DateWords]) -> Iterator[_Rule]:
    """Rules of "last August" and "next October", each once."""
    seen: set[tuple[int, int]] = set()
    for words in found:
        shift = words.month_to_writing
        if not words.month or not shift or (words.month, shift) in seen:
            continue
        seen.add((words.month, shift))
        months = frozenset((words.month - 1 - shift * apart) % 12 + 1 for apart in _MONTHS_APART)
        side = "last" if shift < 0 else "next"
        yield _Rule(
            said=f"the text speaks of {side} {_MONTHS[words.month - 1]}",
            allows=lambda day, months=months: day.month in months,  # type: ignore[misc]
            seasonal=True,
        )


def _own_day(lines: Sequence[Line]) -> DateWords | None:
    """Return the first date with day and month that the lead places against the day of writing."""
    first = first_body_line(lines)
    lead = lines[first : first + _LEAD_LINES] if first < len(lines) else lines[:_LEAD_LINES]
    for line in lead:
        for words in find_dates(line.text):
            if _is_own(words):
                return words
    return None


def _is_own(words: DateWords) -> bool:
    return words.to_writing is not None and words.day * words.month > 0 and not words.hijri


def _own_rule(own: DateWords) -> _Rule:
    def allows(day: date) -> bool:
        said = attrs.evolve(own, year=own.year or day.year).date
        if said is None:
            return True
        apart = (day - said).days + (own.to_writing or 0)
        if own.year:
            return abs(apart) <= _LATE_DAYS
        return min(apart % 365, -apart % 365) <= _LATE_DAYS

    written = f"{own.day} {_MONTHS[own.month - 1]} {own.year or ''}".strip()
    name = {-1: "yesterday", 0: "today", 1: "tomorrow"}[own.to_writing or 0]
    return _Rule(said=f"the text says that {name} is {written}", allows=allows)


def _weekday(found: Sequence[DateWords]) -> int | None:
    """Return the weekday of writing, by the first "today", "yesterday" or "tomorrow" with a name."""
    for words in found:
        if words.to_writing is not None and words.weekday is not None:
            return (words.weekday - words.to_writing) % 7
    return None


# --- what the page claims -------------------------------------------------------------------------------


def _claims(
    article: Article, lines: Sequence[Line], mentions: Sequence[Mention], own: DateWords | None
) -> Iterator[_Claim]:
    """Yield the days claimed, the most trusted first."""
    published = _day(article.published)
    if published:
        yield _Claim(name="carrier's date", day=published, trusted=True)
    if own and own.date:
        yield _Claim(name="day named in the text", day=_moved(own.date, -(own.to_writing or 0)))
    for line in lines[: first_body_line(lines) + 1]:
        dates = find_dates(_header_part(article.text, line, mentions))
        for words in sorted(dates, key=lambda words: words.hijri):  # the calendar without tolerance
            if words.date:
                slack = HIJRI_TOLERANCE if words.hijri else 0
                yield _Claim(name="header date", day=words.date, slack=slack)


def _header_part(text: str, line: Line, mentions: Sequence[Mention]) -> str:
    """Return the part of a line that can date the text: a date line, or a dateline with its credit."""
    if line.is_short and not line.is_body:
        others = [
            word
            for word in line.words
            if word not in clock_words()
            and word not in month_numbers()
            and word not in weekday_numbers()
            and word != "0"
        ]
        if len(others) <= _OTHER_WORDS:
            return line.text if not line.text.endswith(".") else ""
    for mention in mentions:
        inside = line.start <= mention.span[0] < line.end and mention.field == "text"
        if inside and mention.zone == "dateline":
            return text[line.start : mention.span[1]]
    return ""


# --- both together --------------------------------------------------------------------------------------


def _around(claim: _Claim, own: DateWords | None, weekday: int | None, reasons: list[str]) -> Dates:
    """Return the interval around a day that nothing refutes."""
    first = last = claim.day
    if claim.slack:
        first, last = _moved(first, -claim.slack), _moved(last, claim.slack)
        reasons.append(f"The Islamic calendar may be off by {claim.slack} days.")
    late = (claim.day.weekday() - weekday) % 7 if weekday is not None else 0
    if weekday is not None and 0 < late <= _LATE_DAYS:
        first = min(first, _moved(claim.day, -late))
        reasons.append(f"The text says that today is {_DAYS[weekday]}.")
    if own and own.date:
        first = min(first, _moved(own.date, -(own.to_writing or 0)))
    return Dates(earliest=first.isoformat(), latest=last.isoformat(), reasons=tuple(reasons))


def _solved(
    rules: Sequence[_Rule], weekday: int | None, bounds: Sequence[_Claim], reasons: list[str]
) -> Dates:
    """Return the widest interval whose first and last day break no rule."""
    lower = [rule for rule in rules if rule.not_before]
    upper = min(bounds, key=lambda bound: bound.day, default=None)
    reasons += [f"It was not written earlier: {rule.said}." for rule in lower]
    if upper:
        reasons.append(f"It was not written later: the {upper.name} is {upper.day}.")
    first = max((rule.not_before for rule in lower if rule.not_before), default=None)
    last = upper.day if upper else None
    if first or last:
        seasons = [rule for rule in rules if rule.seasonal]
        reasons += [f"It keeps to the season: {rule.said}." for rule in seasons]
        if weekday is not None:
            reasons.append(f"The text says that today is {_DAYS[weekday]}.")

    def fits(day: date) -> bool:
        return (weekday is None or day.weekday() == weekday) and all(
            rule.allows(day) for rule in rules
        )

    first = _next_day(first, 1, fits)
    last = _next_day(last, -1, fits)
    if first and last and first > last:
        reasons.append(f"No day between {last} and {first} fits all of this.")
        first = last = None
    return Dates(
        earliest=first.isoformat() if first else "",
        latest=last.isoformat() if last else "",
        reasons=tuple(reasons),
    )


def _next_day(day: date | None, step: int, fits: Callable[[date], bool]) -> date | None:
    """Return the nearest day from `day` on that fits, `day` itself if there is none in a year."""
    if day is None:
        return None
    days = (_moved(day, step * apart) for apart in range(_SEARCH_DAYS))
    return next((each for each in days if fits(each)), day)
