"""Credits that are recognized by their form: bylines, datelines, closing brackets, lines of their own.

No word of any language is needed for these.  An agency between separators at the head of a story is
who the story comes from, whatever town stands beside it; an agency alone in brackets behind the last
full stop is the same said at the end; an agency in a chain of names with bars between them took the
picture.
"""

from __future__ import annotations

import re

import attrs

from provenance.attribution.grammar import GENERIC, NAMED, PICTURES, STRONG, VERBAL, WEAK
from provenance.attribution.layout import DATELINE
from provenance.attribution.passages import CUT
from provenance.model import Role, Zone

__all__ = ["Place", "read_byline", "read_caption", "read_closing", "read_dateline"]

_ANY = NAMED + GENERIC
_BEFORE = re.compile("(?:^|[-:,/|+*&;(=])[\"' ]*$")
_AFTER = re.compile("^[\"' ]*(?:[.]?[ ]*$|[-:,/|+*&;()=\n])")
_OPENED = re.compile(r"[(][^()]{0,60}$")
_CLOSED = re.compile(r"^[^()]{0,60}[)]")
_TOWN = re.compile(rf"^[\W_]*(?:[^\W_][\w.'{_ANY}]*[ ,./:\"'(){_ANY}-]*){{0,8}}$")
_DATELINE_END = re.compile(
    "^[\"' ]*(?:[)/][ ]*|[(][^()]{1,25}[)][ ]*)?(?:-|:|=|[.]-|,? *$)|^[\"' ]*[)/](?=[.]? )|^ ?/"
)
_OPEN_END = re.compile(r"^[\"' ]*[)] +[\w\"']")
_SENTENCE_BEFORE = re.compile("(?:^|[.!?:][\"') ]*|\\d)[ ]*$")
_HEADLINE = re.compile("^[\"' ]*: ?\\w")
_TOWN_DASH = re.compile(
    r"^[\W_]*[^\W\d_][\w.']*(?: [^\W\d_][\w.']*){0,3}(?:,? ?\d[\w ./-]{0,25})?(?: ?[-:/]|(?<=\d)) ?"
    r"(?:[^\W\d_][\w.']*(?: [^\W\d_][\w.']*){1,3} ?/ ?)?$"
)
# "TOWN. 7 July. AGENCY -", as agencies of the former Soviet Union write it
_TOWN_STOP = re.compile(
    r"^[\W_]*(?:\d{1,2} \w+, )?[^\W\d_][\w'-]*(?: [^\W\d_][\w'-]*){0,2}(?:, \d{1,2} \w+)?[.] (?:\d{1,2} \w+[.] )?$"
)
# the same with a date, and a full stop behind the agency: "Town. 7 July. AGENCY. ...", "Town, July 7. AGENCY."
_TOWN_DAY = re.compile(
    r"^[\W_]*[^\W\d_][\w'-]*(?: [^\W\d_][\w'-]*){0,2}[,.] (?:\d{1,2} \w+|\w+[.]? \d{1,2})(?:[.,] ?\d{4})?"
    r"(?:, ?\d{1,2}:\d\d)?(?:[.,] | - )$"
)
# a town and a date in whatever punctuation, or a town and the agency in quotation marks
_TOWN_DATED = re.compile(
    r"^[\W_]*[^\W\d_][\w.']*(?: [^\W\d_][\w.'/-]*){0,3}[ ,.(/-]{1,3}(?=[^()]{0,20}\d)[\w .,/-]{1,24}[).,]* ?(?:[-/] ?)?$"
)
_TOWN_QUOTE = re.compile(r"^[\W_]*[^\W\d_][\w.']*(?: [^\W\d_][\w.'-]*){0,2} \"$")
_DASHED = re.compile("^[\"' ]*[)/]? ?-|^/ ")
_AUTHOR = re.compile(r"^, [^\W\d_][\w.'-]*(?: [^\W\d_][\w.'-]*){1,2}[.:] ")
_TOWN_DATE = re.compile(r"^[\W_]*(?:[^\W\d_][\w.']* ){1,4}\d{1,2} (?:\w+ ){1,9}$")
_SENTENCE_END = re.compile(r"\w{3}[.!?] ")
_AHEAD = re.compile(r" - (?:\w+['\" ]+){5}")  # "AGENCY - sentence", no town
# an outlet, a separator and agencies, or the other way round
_HOUSE = re.compile(
    rf"^[\W_]*(?:[^\W\d_][\w.'&]*(?: [\w.'&]+){{0,3}} ?[-,/+|&] ?[{_ANY}](?:[ \"',/+&-]*[{_ANY}])*"
    rf"|[{_ANY}] ?[-/+|] ?[^\W\d_][\w.'&]*(?: [\w.'&]+){{0,2}})[^\w{_ANY}]*$"
)
_CLAIM = 150  # longest headline
_EXTRA_WORDS = 3  # initials of editors, a date: what may stand beside agencies in a closing bracket
_ALONE = 60  # longest line that is nothing but names
_ALONE_WORDS = 6
_CHAIN = 200  # longest caption
_SHOWN = 100  # longest line between paragraphs that says what a picture shows
_CAPTION_WORDS = 4  # fewest words of a caption; a dateline's town has fewer
_SHOWN_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2}|\w{2,}")  # two ideographs are a word
_TOWN_WORDS = 5  # of a town with its date; a full stop among more ends a sentence
_STOPPED = re.compile(r"\w[.!?][\"' ]*$")
_CAPTION_END = re.compile(r"^[\"' ]*(?:[-/|,] ?\w+ ?)?[)][ ]*$")
_SIGNED = re.compile("[/:|]|[^ ]-| -(?! ?\\d)")
_FINAL = re.compile(r"[.!?:;\N{ARABIC QUESTION MARK}\"'][ ]*$")


@attrs.frozen
class Place:
    """One agency's sign in its line.

    Attributes:
        line: The line's letters.
        at: Where the sign stands in it.
        zone: Zone by layout.
        near_story: Whether the line is the first of the story, above it, or just below its start.
        last: Whether nothing but widgets follows the line.
    """

    line: str
    at: int
    zone: Zone
    near_story: bool
    last: bool

    @property
    def sign(self) -> str:
        """The sign itself."""
        return self.line[self.at]

    @property
    def left(self) -> str:
        """The line before the sign."""
        return self.line[: self.at]

    @property
    def right(self) -> str:
        """The line behind the sign."""
        return self.line[self.at + 1 :]

    @property
    def apart(self) -> bool:
        """Whether separators or the line's ends stand on both sides."""
        return bool(_BEFORE.search(self.left)) and bool(_AFTER.match(self.right))

    @property
    def enclosed(self) -> bool:
        """Whether it is the sole content of brackets or slashes."""
        # "/Corr. AGENCY/": a short word with its point may stand before the name
        opened = re.sub(r"(?<=[(/])\w{3,6}[.] $", "", self.left)
        before, after = opened.rstrip("\"' ")[-1:], self.right.lstrip("\"' ")[:1]
        return (before, after) in (("(", ")"), ("/", "/"))


def read_caption(place: Place, guards: re.Pattern[str]) -> tuple[Role, str] | None:
    """Return the role of an agency that stands in a chain of picture credits, or below what one shows.

    Args:
        place: The agency in its line.
        guards: Matches words that no town and date have.
    """
    if place.sign == PICTURES:
        return "photo_credit", "form.pictures"
    if place.zone != "byline" and "|" in place.line and len(place.line) <= _CHAIN:
        before, after = place.left.rpartition("|"), place.right.partition("|")
        own = (before[2] + after[0]).strip(" \"'()/,.-")
        if (before[1] or after[1]) and len(own.split()) <= _EXTRA_WORDS:
            return "photo_credit", "form.caption_chain"
    if (
        place.zone not in ("byline", "title")
        and place.sign != GENERIC
        and _ends_caption(place, guards)
    ):
        return "photo_credit", "form.caption"
    return None


def _ends_caption(place: Place, guards: re.Pattern[str]) -> bool:
    """Whether the name closes a line of some words that is no sentence: what a picture shows."""
    if len(place.line) > _CHAIN or CUT in place.line or (place.last and not place.near_story):
        return False
    if _CAPTION_END.match(place.right):
        shown = place.left.rpartition("(")[0] if _OPENED.search(place.left) else ""
    elif place.zone != "tail" and not place.right.strip(" .") and _STOPPED.search(place.left):
        return len(re.findall(r"\w{2,}", place.left)) >= _CAPTION_WORDS
    else:
        dashed = not place.right.strip() and re.search("(?:-|©) ?$", place.left)
        shown = place.left.rstrip(" -©") if dashed else ""
    words = _SHOWN_WORD.findall(re.split(r"\d", shown)[0])
    enough = _CAPTION_WORDS - 1 if guards.search(shown) else _CAPTION_WORDS
    return len(words) >= enough and not _FINAL.search(shown) and not _SIGNED.search(shown)


def read_byline(place: Place, _guards: re.Pattern[str]) -> tuple[Role, str] | None:
    """Return the role of an agency in an author line."""
    if place.zone != "byline" or place.sign == PICTURES:
        return None
    if place.sign == GENERIC:
        beside = _BEFORE.search(place.left) or _AFTER.match(place.right)
        return ("generic_agencies", "form.byline_unnamed") if beside else None
    if place.apart or place.sign == STRONG:
        return "syndicated_copy", "form.byline"
    return None


def read_dateline(place: Place, guards: re.Pattern[str]) -> tuple[Role, str] | None:
    """Return the role of an agency at the head of the story, with its town, its date or neither.

    Args:
        place: The agency in its line.
        guards: Matches words that show a sentence.
    """
    if not place.near_story or place.at > DATELINE or place.sign == PICTURES or CUT in place.left:
        return None
    ends = bool(re.match("^[\"' ]*(?:[-:=]|[)/])", place.right))
    dated = bool(re.search(r"\d", place.left)) and ends
    towns = bool(_TOWN_DASH.match(place.left)) and (place.sign != WEAK or dated)
    stopped = place.sign in (STRONG, VERBAL) and place.right.startswith(". ")
    if (place.sign != WEAK and ends and _TOWN_STOP.match(place.left)) or (
        stopped and _TOWN_DAY.match(place.left)
    ):
        role: Role = "generic_agencies" if place.sign == GENERIC else "syndicated_copy"
        return role, "form.dateline"
    dashed = _DASHED.match(place.right) and place.sign != GENERIC
    known = _TOWN_DATED.match(place.left) or _TOWN_QUOTE.match(place.left)
    if dashed and known and not guards.search(place.left):
        return "syndicated_copy", "form.dateline"
    if place.sign == VERBAL and not place.left.strip(" \"'") and _AHEAD.match(place.right):
        return "syndicated_copy", "form.dateline"
    if not place.right.strip() and place.sign == STRONG and _TOWN_DATE.match(place.left):
        return "syndicated_copy", "form.dateline"
    ended = bool(_DATELINE_END.match(place.right)) or (
        towns and (place.right[:1] in ("", " ", ".") or bool(_AUTHOR.match(place.right)))
    )
    if not _TOWN.match(place.left) or not ended:
        return None
    if guards.search(place.left):
        return None
    brief = len(place.left.split()) <= _TOWN_WORDS and re.search(r"\d", place.left)
    if not brief and _SENTENCE_END.search(place.left):
        return None
    quoted = place.left[-1:] == '"' and place.right[:1] == '"'
    claim = quoted or len(place.line) <= _CLAIM
    if _HEADLINE.match(place.right) and claim and not place.left.strip(" (\"'"):
        # the agency, a colon, a claim: a headline that quotes it, not a dateline without a town
        return None if place.sign == GENERIC else ("cited_report", "form.headline")
    marked = place.enclosed or bool(_BEFORE.search(place.left) and place.left.strip("\"' ("))
    if not towns and place.sign != STRONG and not (marked and (place.apart or place.enclosed)):
        return None
    if not (marked or (place.sign == STRONG and ends) or (towns and dated)):
        return None
    long = len(place.left.split()) >= _TOWN_WORDS and not re.search(r"\d", place.left)
    if long and not towns and _OPEN_END.match(place.right):
        return None  # brackets in the middle of a sentence
    if place.sign == GENERIC:
        return "generic_agencies", "form.dateline_unnamed"
    return "syndicated_copy", "form.dateline"


def read_closing(place: Place, _guards: re.Pattern[str]) -> tuple[Role, str] | None:
    """Return the role of an agency in closing brackets or on a line of its own."""
    if place.sign == PICTURES:
        return None
    role: Role = "generic_agencies" if place.sign == GENERIC else "syndicated_copy"
    opened, closed = _OPENED.search(place.left), _CLOSED.match(place.right)
    if opened and closed:
        inside = opened[0][1:] + place.sign + closed[0][:-1]
        before, behind = place.left[: opened.start()], place.right[closed.end() :]
        ended = not behind.strip(" .\"'") and (place.last or bool(_SENTENCE_BEFORE.search(before)))
        begun = _SENTENCE_BEFORE.search(before) and before.strip() and CUT not in before[-2:]
        named = _only_names(inside) or (place.last and _HOUSE.match(inside))
        if named and place.apart and (ended or begun):
            below = not place.last and place.zone in ("lead", "body") and not behind.strip()
            if below and len(place.line) <= _SHOWN and CUT not in place.line:
                return "photo_credit", "form.caption_bracket"
            return role, "form.bracket"
    if place.last and place.enclosed and re.search("[.!?][\"' ]*/ ?$", place.left):
        return role, "form.bracket"
    brief = len(place.line) <= _ALONE and CUT not in place.line
    listed = sum(sign in _ANY for sign in place.line) > 1
    sure = place.sign != WEAK or (listed and STRONG in place.line)
    if brief and place.zone in ("header", "tail") and place.apart and sure:
        words = re.findall(r"\w{2,}", place.line)
        joined = ("/" in place.line and len(words) <= 2) or (listed and len(words) <= 2)
        if joined or len(words) <= (_ALONE_WORDS if place.zone == "header" else 0):
            return role, "form.line"
        if place.last and _HOUSE.match(place.line) and not place.near_story:
            return role, "form.house"
    if (
        place.last
        and not place.right.strip(" .\"')-")
        and re.search("[.!?][\"' ]*-*[ ]*$", place.left)
    ):
        return role, "form.last_words"
    return None


def _only_names(inside: str) -> bool:
    words = re.findall(r"[^\W\d_]+", inside)
    return len(words) <= _EXTRA_WORDS + 2 and sum(len(word) > 3 for word in words) <= 1
