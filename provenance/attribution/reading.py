"""Whom does this article itself name as its source, where, and in which role?

The role of a mention decides, not the name: the same agency may have written the text, taken the
picture, been told something, or be what the article is about.  The order in which the questions are
asked is the order in which they settle the matter: pictures first, then what stands for the whole text
by its form, then the sentences of footers, then what a verb beside the name says of one statement.

Everything that is found is reported, also what says nothing about the text's origin; what it adds up to
is :mod:`provenance.attribution.sources`' question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import attrs

from provenance.attribution.calques import find_calques
from provenance.attribution.catalogue import Catalogue, load_catalogue
from provenance.attribution.grammar import GENERIC, PICTURES, STRONG, TOKENS, Rule, script_of
from provenance.attribution.identity import find_own_handle, find_own_name, find_site_name
from provenance.attribution.layout import Layout, lay_out
from provenance.attribution.lettering import open_entities
from provenance.attribution.markers import Markers, load_markers
from provenance.attribution.passages import (
    Name,
    Passage,
    gather_passages,
    is_persian,
    line_at,
    scripts_in,
)
from provenance.attribution.screening import Hit, Screen
from provenance.attribution.shapes import (
    Place,
    read_byline,
    read_caption,
    read_closing,
    read_dateline,
)
from provenance.attribution.weights import weight_of
from provenance.model import Article, ArticleId, Mention, Role, Span, Zone
from provenance.text.language import detect_language

__all__ = ["Reader", "read_mentions", "reader_for"]

_Field = str
#: Where among the rules of words the rules of form are asked; see `Rule.rank`.
_FORMS: tuple[tuple[int, Callable[[Place, re.Pattern[str]], tuple[Role, str] | None]], ...] = (
    (5, read_caption),
    (15, read_byline),
    (18, read_dateline),
    (65, read_closing),
)
_WORD = re.compile(r"\w+")
_CONJUNCTIONS = "\N{ARABIC LETTER WAW}\N{ARABIC LETTER FEH}"
_PERSIAN = frozenset({"fa", "ur"})
_ENOUGH = 2000  # characters that show a text's language
_FOLLOW_UP = "follow_up"  # catalogue identifier of a desk's own follow-up
_NEAR_STORY = 160  # a dateline may stand on its own line right above or below the headline
_TOGETHER = 25  # characters between agencies of one credit


def read_mentions(article: Article, *, language: str = "") -> tuple[Mention, ...]:
    """Return every mention of a source in an article's byline, title and text.

    Args:
        article: The article as found; markers must be read before anything is masked.
        language: BCP 47 tag if known better than the article says; it only settles names that
            several agencies share.

    Returns:
        Mentions sorted by field (byline, text, title) and span.  Spans are half-open code-point
        offsets of the field as given.
    """
    return reader_for(None).read(article, language=language)


@cache
def reader_for(catalogue: Path | None) -> Reader:
    """Return the reader for the packaged catalogue, or for one extended by a file.

    Raises:
        SettingError: The file makes no sense.
    """
    return Reader(load_catalogue(catalogue), load_markers())


@attrs.frozen
class _Found:
    """A mention before it belongs to an article."""

    agency: str | None
    role: Role
    zone: Zone
    span: Span
    rule: str
    weight: float
    language: str = ""
    line: int = 0


class Reader:
    """Reads articles with one catalogue and one set of markers; immutable once built."""

    def __init__(self, catalogue: Catalogue, markers: Markers) -> None:
        """Build the automaton.

        Args:
            catalogue: Agencies and their names.
            markers: The rules of every language.
        """
        self._catalogue = catalogue
        self._markers = markers
        self._screen = Screen(catalogue.aliases, [rule.triggers for rule in markers.rules])
        self._regexes: dict[int, re.Pattern[str]] = {}
        self._sights = [
            (re.compile(rule.sight), number)
            for number, rule in enumerate(markers.rules)
            if rule.sight
        ]
        by_words = [number for number, rule in enumerate(markers.rules) if _names_agency(rule)]
        self._rule_scripts = [script_of(rule.language) for rule in markers.rules]
        self._rule_words = [frozenset(rule.words) for rule in markers.rules]
        self._agency_rules = sorted(by_words, key=lambda number: markers.rules[number].rank)

    def read(self, article: Article, *, language: str = "") -> tuple[Mention, ...]:
        """Return every mention of a source; see :func:`read_mentions`."""
        language = language or article.language
        mentions: list[Mention] = []
        for field, text in (
            ("byline", article.byline),
            ("text", article.text),
            ("title", article.title),
        ):
            if text:
                found = self._read_field(text, field, language)
                found += self._read_page(article, field, found)
                found.sort(key=lambda item: (item.span, item.agency or "", item.role))
                mentions.extend(_mention(article.id, field, text, item) for item in found)
        return tuple(mentions)

    def _read_field(self, text: str, field: _Field, language: str) -> list[_Found]:
        opened = open_entities(text)
        hits = [*self._screen.find(opened), *self._sightings(opened)]
        if not hits:
            return []
        layout = lay_out(opened, self._markers.widgets)
        hits = list(self._believable(hits, field, layout))
        if not hits:
            return []
        persian = is_persian(opened)
        if any(hit.aliases for hit in hits) and not language:
            language = detect_language(opened[:_ENOUGH])
        passages = gather_passages(
            opened, hits, layout, self._catalogue, self._markers.agency_words, self._markers.cues
        )
        found: list[_Found] = []
        for passage in passages:
            for item in self._read_passage(passage, layout, field, language, found, persian):
                found.append(item)  # noqa: PERF402 - the reader looks at what was found so far
        found = _merge_composites(found)
        unique = {(item.span, item.agency, item.role): item for item in found}
        return sorted(unique.values(), key=lambda item: (item.span, item.agency or "", item.role))

    def _read_page(self, article: Article, field: _Field, found: list[_Found]) -> list[_Found]:
        """Return what the page says about its publisher, and what a machine left in the text."""
        own: list[tuple[Span, Role, Zone, str, str]] = []
        if field == "byline" and not any(item.agency for item in found):
            own += [
                (span, "publisher_self_credit", "byline", "form.own_name", "")
                for span in find_own_name(article.byline, article.publisher)
            ]
        elif field == "text":
            text = article.text
            embeds = [item.span for item in found if item.role == "social_embed"]
            own += [
                (span, "publisher_self_credit", "body", "form.own_handle", "")
                for span in find_own_handle(text, embeds)
            ]
            own += [
                (span, "publisher_self_credit", "header", "form.site_name", "")
                for span in find_site_name(text, article.title)
            ]
            own += [
                (span, "translation_machine", "body", sign, language)
                for span, sign, language in find_calques(
                    text, self._markers.signs, self._markers.enough
                )
            ]
        return [
            _Found(None, role, zone, span, rule, weight_of(role), language)
            for span, role, zone, rule, language in own
        ]

    def _sightings(self, text: str) -> Iterator[Hit]:
        for sight, number in self._sights:
            for match in sight.finditer(text):
                yield Hit(match.start(), match.end(), rules=(number,))

    def _read_passage(
        self,
        passage: Passage,
        layout: Layout,
        field: _Field,
        language: str,
        before: list[_Found],
        persian: bool,
    ) -> Iterator[_Found]:
        open_names = dict(passage.names)
        taken: list[Span] = []
        for rank, number in self._agenda(passage, persian, language):
            if number < 0:
                if open_names:
                    yield from self._by_form(passage, layout, field, language, open_names, rank)
            else:
                yield from self._by_words(
                    passage, layout, field, language, open_names, number, before, taken
                )
        for at, name in sorted(open_names.items()):
            if name.sign == STRONG:
                yield from self._found(
                    passage, layout, field, language, [at], "topic_mention", "form.name", name.span
                )

    def _believable(self, hits: list[Hit], field: _Field, layout: Layout) -> Iterator[Hit]:
        """Yield the hits without those triggers whose rules are not believed where they stand."""
        rules = self._markers.rules
        for hit in hits:
            if hit.aliases:
                yield hit
                continue
            zone = _zone(field, layout, hit.start)
            first, last = layout.line(hit.start)
            numbers = tuple(
                number
                for number in hit.rules
                if (not rules[number].zones or zone in rules[number].zones)
                and (not rules[number].brief or last - first <= rules[number].brief)
            )
            if numbers:
                yield attrs.evolve(hit, rules=numbers)

    def _agenda(self, passage: Passage, persian: bool, language: str) -> Iterator[tuple[int, int]]:
        """Yield rules of words by their number and rules of form as ``-1``, in order of rank."""
        rules = self._markers.rules
        scripts = scripts_in(passage.form)
        steps = [
            (rules[number].rank, number)
            for number in passage.rules
            if not self._rule_scripts[number] or self._rule_scripts[number] in scripts
        ]
        if passage.names:
            words = _words_of(passage.form)
            for number in self._agency_rules:
                rule = rules[number]
                script = self._rule_scripts[number]
                if script and (
                    script not in scripts or (rule.language in _PERSIAN and not persian)
                ):
                    continue
                if rule.words and words.isdisjoint(self._rule_words[number]):
                    continue
                steps.append((rule.rank, number))
            steps.extend((rank, -1) for rank, _ in _FORMS)
        # of rules of one rank, those of the text's own language first
        steps.sort(key=lambda step: (step[0], step[1] >= 0 and rules[step[1]].language != language))
        yield from steps

    def _by_form(
        self,
        passage: Passage,
        layout: Layout,
        field: _Field,
        language: str,
        open_names: dict[int, Name],
        rank: int,
    ) -> Iterator[_Found]:
        form = dict(_FORMS)[rank]
        for at in sorted(open_names):
            name = open_names[at]
            start, end = line_at(passage, at)
            zone = _zone(field, layout, name.span[0])
            first, last = layout.line(name.span[0])
            place = Place(
                passage.form[start:end],
                at - start,
                zone,
                field == "text" and first <= layout.story + _NEAR_STORY,
                field == "text" and last >= layout.end,
            )
            decided = form(place, self._markers.guards)
            if decided is None:
                continue
            role, rule = decided
            del open_names[at]
            if role == "photo_credit" and len(place.line) <= 2 * _NEAR_STORY:
                zone = "caption" if field == "text" else zone
            elif form is read_dateline and role != "cited_report":
                zone = "dateline"
            yield from self._found(
                passage, layout, field, language, [at], role, rule, name.span, zone=zone
            )

    def _by_words(
        self,
        passage: Passage,
        layout: Layout,
        field: _Field,
        language: str,
        open_names: dict[int, Name],
        number: int,
        before: list[_Found],
        taken: list[Span],
    ) -> Iterator[_Found]:
        rule = self._markers.rules[number]
        for match in self._regex(number).finditer(passage.form):
            span = passage.span(*match.span())
            if span[0] == span[1]:
                continue
            zone = _zone(field, layout, span[0])
            if rule.zones and zone not in rule.zones:
                continue
            first, last = layout.line(span[0])
            if rule.brief and last - first > rule.brief:
                continue
            places = [at for at in range(*match.span()) if passage.form[at] in TOKENS]
            if _names_agency(rule):
                places = [
                    at for at in places if at in open_names and self._fits(rule, open_names[at])
                ]
                if not places:
                    continue
                for at in places:
                    del open_names[at]
                if rule.span == "name":
                    for at in places:
                        yield from self._found(
                            passage,
                            layout,
                            field,
                            language,
                            [at],
                            rule.role,
                            rule,
                            passage.names[at].span,
                        )
                    continue
                yield from self._found(
                    passage, layout, field, language, places, rule.role, rule, span
                )
                continue
            if any(span[0] < end and start < span[1] for start, end in taken):
                continue
            if rule.span == "name" and "quoted" in match.groupdict():
                span = passage.span(*match.span("quoted"))
            taken.append(span)
            agency = rule.agency
            inside = [at for at in places if at in open_names]
            if inside:
                agency = self._settle(open_names[inside[0]], language)
                for at in inside:
                    del open_names[at]
            if agency == "introduced":
                agency = _introduced(before, self._catalogue)
                if agency is None:
                    continue
            yield _Found(
                agency,
                rule.role,
                zone,
                span,
                rule.id,
                weight_of(rule.role) if rule.weight is None else rule.weight,
                rule.language,
                first,
            )

    def _found(
        self,
        passage: Passage,
        layout: Layout,
        field: _Field,
        language: str,
        places: list[int],
        role: Role,
        rule: Rule | str,
        span: Span,
        *,
        zone: Zone | None = None,
    ) -> Iterator[_Found]:
        weight = weight_of(role)
        rule_id, rule_language = (rule, "") if isinstance(rule, str) else (rule.id, rule.language)
        if not isinstance(rule, str) and rule.weight is not None:
            weight = rule.weight
        seen = set()
        for at in places:
            name = passage.names[at]
            agency = None if name.sign == GENERIC else self._settle(name, language)
            if name.agencies == (_FOLLOW_UP,):
                rule_id = f"{rule_id}.{_FOLLOW_UP}"
            if agency in seen:
                continue
            seen.add(agency)
            place_role = role
            if name.sign == PICTURES and role != "photo_credit":
                continue
            yield _Found(
                agency,
                place_role,
                zone or _zone(field, layout, span[0]),
                span,
                rule_id,
                weight,
                rule_language,
                layout.line(span[0])[0],
            )

    def _fits(self, rule: Rule, name: Name) -> bool:
        """Whether the rule speaks of agencies of this kind."""
        if not rule.kinds and not rule.scopes:
            return True
        agency = self._catalogue.agencies[name.agencies[0]]
        return (not rule.kinds or agency.kind in rule.kinds) and (
            not rule.scopes or agency.scope in rule.scopes
        )

    def _settle(self, name: Name, language: str) -> str | None:
        """Return the one agency meant, or nothing where rivals share the name in this language."""
        if len(name.agencies) == 1:
            return name.agencies[0]
        local = [
            agency
            for agency, used in zip(name.agencies, name.languages, strict=True)
            if used and used == language
        ]
        if len(local) == 1:
            return local[0]
        anywhere = [a for a, used in zip(name.agencies, name.languages, strict=True) if not used]
        return anywhere[0] if len(anywhere) == 1 else None

    def _regex(self, number: int) -> re.Pattern[str]:
        regex = self._regexes.get(number)
        if regex is None:
            regex = self._regexes[number] = re.compile(self._markers.rules[number].regex)
        return regex


def _words_of(form: str) -> set[str]:
    """Return the words of a passage, those that begin with an Arabic conjunction also without it."""
    words = set(_WORD.findall(form))
    words.update([word[1:] for word in words if word[0] in _CONJUNCTIONS])
    return words


def _names_agency(rule: Rule) -> bool:
    """Whether the rule is asked about every agency, not where a trigger occurs."""
    return not rule.triggers and not rule.sight


def _zone(field: _Field, layout: Layout, offset: int) -> Zone:
    if field == "byline":
        return "byline"
    return "title" if field == "title" else layout.zone(offset)


def _introduced(before: list[_Found], catalogue: Catalogue) -> str | None:
    """Return the state agency that a text has named so far, if it is the only one."""
    named = {
        item.agency
        for item in before
        if item.agency is not None and catalogue.agencies[item.agency].kind == "state-wire"
    }
    return named.pop() if len(named) == 1 else None


def _merge_composites(found: list[_Found]) -> list[_Found]:
    """Read agencies that are credited side by side as one credit with several sources."""
    credits = [item for item in found if item.role == "syndicated_copy"]
    merged = []
    for item in found:
        together = item.role == "syndicated_copy" and any(
            other.agency != item.agency
            and other.line == item.line
            and abs(other.span[0] - item.span[0]) <= _TOGETHER
            for other in credits
        )
        if together:
            item = attrs.evolve(  # noqa: PLW2901 - the merged item takes its place
                item, role="composite_credit", weight=weight_of("composite_credit")
            )
        merged.append(item)
    return merged


def _mention(identifier: ArticleId, field: _Field, text: str, item: _Found) -> Mention:
    start, end = item.span
    return Mention(
        id=identifier,
        agency=item.agency,
        role=item.role,
        zone=item.zone,
        span=item.span,
        text=text[start:end],
        rule=item.rule,
        weight=item.weight,
        language=item.language,
        field=field,  # type: ignore[arg-type]
    )
