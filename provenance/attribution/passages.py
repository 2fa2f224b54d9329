"""The lines around a hit, folded, with every agency in them reduced to one sign.

A rule should not care whether a text says ``Reuters``, ``the news agency Reuters``, or the agency's
Arabic name in quotes followed by its abbreviation in brackets.  A passage therefore carries one sign in
place of each such phrase, and remembers what it stands for and where it stood.

The word for "agency" beside a name settles what the name alone leaves open, so a doubtful name that
has it becomes a certain one here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

import attrs
from ahocorasick_rs import AhoCorasick

from provenance.attribution.catalogue import Alias, Catalogue
from provenance.attribution.grammar import GENERIC, NAMED, PICTURES, STRONG, VERBAL, WEAK, script_of
from provenance.attribution.layout import Layout
from provenance.attribution.lettering import (
    NOTHING,
    TATWEEL,
    fold_in_place,
    fold_letter,
    fold_letters,
)
from provenance.attribution.markers import Markers
from provenance.attribution.screening import UNSPACED, Hit
from provenance.model import Span

__all__ = [
    "CUT",
    "FOLLOW_UP",
    "Name",
    "Passage",
    "gather_passages",
    "is_persian",
    "line_at",
    "name_agencies",
    "scripts_in",
]

FOLLOW_UP = "follow_up"  # catalogue identifier of a desk's own follow-up
CUT = "\ue00f"  # a passage that begins or ends within a line
_SHORT = 4  # an abbreviation no longer than this, written small, is a word or the end of an address
_PLAIN = 5  # letters of a name that a reader could take for a word
_BRIEF = 90  # a line next to the hit's own is read along when it is no longer than this
_REACH = 200  # characters of a long line read on each side of a hit
_NEAR = 60  # characters between names of one list
_SPACES = " \N{NO-BREAK SPACE}\N{RIGHT-TO-LEFT MARK}\N{LEFT-TO-RIGHT MARK}"
_LISTED = (",", "/")  # what parts names in brackets
_SURE = ("bare", "verb")
_QUOTED = (
    "\"'\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
)
_SENTENCE_SIGNS = ".,!?;\N{ARABIC COMMA}\N{ARABIC SEMICOLON}\N{ARABIC QUESTION MARK}"
_SIGN = {"bare": STRONG, "verb": VERBAL, "cue": WEAK, "slot": WEAK}
_FEW_PERSIAN = 2  # letters that Arabic does not use, before Persian and Urdu names are believed
_PERSIAN = (
    "\N{ARABIC LETTER PEH}\N{ARABIC LETTER TCHEH}\N{ARABIC LETTER JEH}\N{ARABIC LETTER GAF}"
    "\N{ARABIC LETTER KEHEH}\N{ARABIC LETTER FARSI YEH}\N{ARABIC LETTER YEH BARREE}"
    "\N{ARABIC LETTER NOON GHUNNA}\N{ARABIC LETTER HEH GOAL}\N{ARABIC LETTER TTEH}"
)
_SCRIPTS = {
    "arabic": re.compile("[\N{ARABIC LETTER HAMZA}-\N{ARABIC LETTER YEH BARREE WITH HAMZA ABOVE}]"),
    "latin": re.compile("[a-z]"),
    "cyrillic": re.compile("[\u0400-\u052f]"),
    "hebrew": re.compile("[\N{HEBREW LETTER ALEF}-\N{HEBREW LETTER TAV}]"),
    "devanagari": re.compile("[\u0900-\u097f]"),
    "han": re.compile("[\u3040-\u30ff\u3400-\u9fff]"),
    "hangul": re.compile("[\uac00-\ud7a3]"),
}
_WORD = re.compile(r"\w+")
_ARABIC_WORD = re.compile("[\N{ARABIC LETTER HAMZA}-\N{ARABIC LETTER YEH}]+")
_ACCUSATIVE = "\N{ARABIC FATHATAN}"
_LETTER_BEFORE = re.compile(r"(?<!\w)[^\W\d_]{1,2}[.]\Z")
_KEPT = re.compile(f"[^{NOTHING}]+")
_BLANKS = re.compile(rf"(?<=[ \n])[{NOTHING} ]* ")
_CONJUNCTIONS = "\N{ARABIC LETTER WAW}\N{ARABIC LETTER FEH}"
_HANGS_ON = re.compile(r"[ \"']*(?:(?:\w{4,12} )?[(/\"]+)?[ \"']*$")


@attrs.frozen
class Name:
    """An agency as it is named at one place.

    Attributes:
        span: The name with the words for "agency" around it, in the text.
        agencies: Catalogue identifiers; several where rivals share the name.
        languages: Language that each of them uses the name in, in the same order.
        sign: How sure the name alone is (see :mod:`~provenance.attribution.grammar`).
        plain: Whether it is one short Arabic word without a word for "agency", which may be another.
    """

    span: Span
    agencies: tuple[str, ...]
    languages: tuple[str, ...]
    sign: str
    plain: bool = False


@attrs.define
class Passage:
    """Folded lines with signs for agencies.

    Attributes:
        form: The letters.
        starts: For every letter, where it stands in the text.
        ends: For every letter, one past where it stands.
        names: What each sign stands for, by its position in the form.
        rules: Numbers of the rules whose trigger occurs here.
        places: Where something that rules begin with was found, for whoever looks again.
    """

    form: str
    starts: list[int]
    ends: list[int]
    names: dict[int, Name]
    rules: frozenset[int]
    places: dict[object, list[int]] = attrs.field(factory=dict, init=False)
    _words: frozenset[str] | None = attrs.field(default=None, init=False)

    @property
    def words(self) -> frozenset[str]:
        """The words of the form; one with an Arabic conjunction is there without it as well."""
        if self._words is None:
            found = set(_WORD.findall(self.form))
            found.update([word[1:] for word in found if word[0] in _CONJUNCTIONS])
            self._words = frozenset(found)
        return self._words

    def places_of(self, word: str) -> Iterator[int]:
        """Yield where one of the words begins; if it has a conjunction, where that stands."""
        form = self.form
        at = form.find(word)
        while at >= 0:
            end = at + len(word)
            if end == len(form) or not _is_letter(form[end]):
                if not at or not _is_letter(form[at - 1]):
                    yield at
                elif form[at - 1] in _CONJUNCTIONS and (at == 1 or not _is_letter(form[at - 2])):
                    yield at - 1
            at = form.find(word, at + 1)

    def span(self, start: int, end: int) -> Span:
        """Return where ``form[start:end]`` stands in the text, blanks and cuts left out."""
        while start < end and self.form[start] in f" \n{CUT}":
            start += 1
        while end > start and self.form[end - 1] in f" \n{CUT}":
            end -= 1
        return (self.starts[start], self.ends[end - 1]) if start < end else (0, 0)


def gather_passages(
    text: str,
    names: Sequence[Name],
    triggers: Sequence[Hit],
    layout: Layout,
    markers: Markers,
) -> list[Passage]:
    """Return the passages of `text` that hold names or triggers, in order, none overlapping another.

    Args:
        text: The article, entities opened.
        names: The agencies in it, from :func:`name_agencies`.
        triggers: Hits that wake rules.
        layout: Lines of the text.
        markers: Where the words that mean "agency" are from.
    """
    ranges = sorted(
        [_range(layout, *name.span) for name in names]
        + [_range(layout, hit.start, hit.end) for hit in triggers]
    )
    merged: list[list[int]] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    passages = []
    for start, end in merged:
        inside = [name for name in names if start <= name.span[0] < end]
        rules = frozenset(n for hit in triggers if start <= hit.start < end for n in hit.rules)
        passage = _fold(text, start, end, inside, layout, rules)
        if passage.names:
            _join_doubles(passage)
            scripts = scripts_in(passage.form)
            for language, pattern, words in markers.agency_words:
                if script_of(language) in scripts and any(word in passage.form for word in words):
                    _absorb(passage, pattern)
        passages.append(passage)
    return passages


def _range(layout: Layout, start: int, end: int) -> tuple[int, int]:
    first, last = layout.neighbors(start, _BRIEF)
    return max(first, start - _REACH), max(end, min(last, end + _REACH))


def name_agencies(
    text: str,
    hits: Sequence[Hit],
    catalogue: Catalogue,
    markers: Markers,
    *,
    persian: bool,
) -> list[Name]:
    """Return the agencies that a text names, in order; of names that overlap the longest.

    Args:
        text: The article, entities opened.
        hits: What the screen found; triggers are left aside.
        catalogue: What the aliases stand for.
        markers: Where the words for "agency" are from.
        persian: Whether names of Persian and Urdu are believed.
    """
    named = [hit for hit in hits if hit.aliases]
    if not named:
        return []
    names: list[Name] = []
    taken: set[int] = set()
    for hit in sorted(named, key=lambda hit: (hit.start - hit.end, hit.start)):
        start = _behind_clitic(text, hit)
        places = range(start, hit.end)
        if not taken.isdisjoint(places):
            continue
        name = _name(text, start, hit, named, catalogue, persian, markers)
        if name is not None:
            names.append(name)
            taken.update(places)
    return sorted(names, key=lambda name: name.span)


def _behind_clitic(text: str, hit: Hit) -> int:
    """Return where the name itself begins: behind its clitic, marks and a lengthening stroke."""
    start, letters = hit.start, hit.clitic
    while start < hit.end and (letters or text[start] == TATWEEL or not fold_letter(text[start])):
        letters -= text[start] != TATWEEL and bool(fold_letter(text[start])) and letters > 0
        start += 1
    return start


def _name(
    text: str,
    start: int,
    hit: Hit,
    others: Sequence[Hit],
    catalogue: Catalogue,
    persian: bool,
    markers: Markers,
) -> Name | None:
    usable = [
        alias
        for alias in hit.aliases
        if (persian or alias.language not in ("fa", "ur"))
        and not _something_else(text, start, hit.end, alias)
        and not _within_word(text, start, hit.end, alias)
    ]
    if not usable:
        return None
    # where rivals share a spelling, a picture agency gives way to none: its credits are no sources
    kinds = {catalogue.agencies[alias.agency].kind for alias in usable}
    if "photo-only" in kinds and len(kinds) > 1:
        written = _same_letters(text[start : hit.end], usable)
        usable = written or usable
        kinds = {catalogue.agencies[alias.agency].kind for alias in usable}
    found = text[start : hit.end]
    as_written = [alias for alias in usable if _same_case(found, alias.text)]
    usable = as_written or usable
    sign = min((_SIGN[alias.needs] for alias in usable), default=WEAK)
    if not as_written:
        if len(found) <= _SHORT and len(text) > _BRIEF and not _bracketed(text, start, hit.end):
            return None
        if len(found) < _SHORT - 1 and not _bracketed(text, start, hit.end):
            return None
        sign = WEAK if sign != GENERIC else sign
    if kinds == {"photo-only"}:
        if sign == WEAK and not _labelled(text, start, hit.end):
            return None
        sign = PICTURES
    elif "pseudo" in kinds:
        sign = GENERIC
    if sign in (VERBAL, WEAK) and hit.clitic and _quoted_whole(text, hit):
        return None  # the quotation marks hold another word, of which the clitic is a part
    doubtful = sign == WEAK or all(alias.agency == FOLLOW_UP for alias in usable)
    if doubtful and not _plausible(text, start, hit, others, markers):
        return None
    if sign == WEAK and as_written and _set_apart(text, hit.start, hit.end):
        sign = VERBAL
    rivals = {alias.agency: alias.language for alias in usable}
    plain = len(found) <= _PLAIN and _ARABIC_WORD.fullmatch(found) is not None
    return Name((start, hit.end), tuple(rivals), tuple(rivals.values()), sign, plain)


def _plausible(text: str, start: int, hit: Hit, others: Sequence[Hit], markers: Markers) -> bool:
    """Whether a doubtful name has a place of its own, another name, or a word for "agency" near it.

    Blanks and the signs of sentences set nothing apart: a place of its own has a colon, a dash, a
    bracket, a bar or the line's end on one side at least, or quotation marks on both.
    """
    before, after = _beside(text, hit.start, hit.end)
    quoted = before[-1:] in _QUOTED and after[:1] in _QUOTED
    signs = before.rstrip(_QUOTED)[-1:], after.lstrip(_QUOTED)[:1]
    if (before and after and quoted) or not all(map(_part_of_sentence, signs)):
        return True
    for other in others:
        sure = other is not hit and any(alias.needs in _SURE for alias in other.aliases)
        if sure and -_NEAR < other.start - hit.start < _NEAR:
            return True
    # an adjective alone is not its own cue, a name of several words may bring one
    several = " " in text[start : hit.end]
    around = [text[max(0, start - 40) : start], text[hit.end : hit.end + 25]]
    around = [text[max(0, start - 40) : hit.end + 25]] if several else around
    return any(_has_cue(fold_letters(part), markers) for part in around)


def _has_cue(folded: str, markers: Markers) -> bool:
    try:
        if not _letters(markers.cue_letters).find_matches_as_indexes(folded):
            return False
    except UnicodeEncodeError:  # half a character, as a damaged escape leaves it
        pass
    return markers.cues.search(folded) is not None


@lru_cache(maxsize=4)
def _letters(words: tuple[str, ...]) -> AhoCorasick:
    """What finds any of `words`; an expression takes ten times as long."""
    return AhoCorasick(words)


def _set_apart(text: str, start: int, end: int) -> bool:
    """Whether a name is alone in brackets or strokes, or a short one in quotation marks."""
    before, after = _beside(text, start, end)
    pair = before[-1:], after[:1]
    if "" in pair:
        return False
    quoted = pair[0] in _QUOTED and pair[1] in _QUOTED
    return pair in (("(", ")"), ("/", "/")) or (quoted and 2 < end - start <= _SHORT)


def _quoted_whole(text: str, hit: Hit) -> bool:
    """Whether a name stands in quotation marks together with its clitic."""
    before, after = _beside(text, hit.start, hit.end)
    return all(sign and sign in _QUOTED for sign in (before[-1:], after[:1]))


def _beside(text: str, start: int, end: int) -> tuple[str, str]:
    """Return the few characters before and after a place, without the blanks next to it."""
    return text[max(0, start - 4) : start].rstrip(_SPACES), text[end : end + 4].lstrip(_SPACES)


def _part_of_sentence(sign: str) -> bool:
    return sign.isalnum() or (sign != "" and sign in _SENTENCE_SIGNS)


def _bracketed(text: str, start: int, end: int) -> bool:
    """Whether a name stands in brackets, alone or in a list with commas or strokes."""
    before, after = text[max(0, start - 2) : start].rstrip()[-1:], text[end : end + 1]
    return before in ("(", *_LISTED) and after in (")", *_LISTED)


def _labelled(text: str, start: int, end: int) -> bool:
    """Whether signs on both sides, or the line's ends, set a doubtful name apart."""
    before = fold_letters(text[max(0, start - 8) : start]).rstrip(" \"'")[-1:]
    after = fold_letters(text[end : end + 8]).lstrip(" \"'")[:1]
    return before in ("(", "/", "|", ":", "-", ",") and after in (")", "/", "|", "\n", "")


def _same_letters(found: str, aliases: Sequence[Alias]) -> list[Alias]:
    plain = "".join(letter for letter in found if letter.isalnum())
    return [a for a in aliases if "".join(x for x in a.text if x.isalnum()) == plain]


def _same_case(found: str, alias: str) -> bool:
    """Whether capitals that are part of an abbreviation are capitals in the text."""
    letters = [x for x in alias if x.isalpha()]
    if len(alias) <= _SHORT and alias.istitle() and found.islower():
        return False
    if not all(x.isupper() for x in letters) or len(letters) > 6:
        return True
    return all(x.isupper() or not x.isalpha() or not x.islower() for x in found)


def _within_word(text: str, start: int, end: int, alias: Alias) -> bool:
    """Whether a name in Latin letters, looked for between other letters, is part of a Latin word."""
    if alias.language not in UNSPACED or not alias.text.isascii():
        return False
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return any(letter.isascii() and letter.isalnum() for letter in beside)


def _something_else(text: str, start: int, end: int, alias: Alias) -> bool:
    if alias.needs in _SURE and _ACCUSATIVE in text[start : end + 1]:
        return True  # an indefinite noun: names have no such ending
    if _LETTER_BEFORE.search(text, max(0, start - 5), start):
        return True  # the end of a longer abbreviation
    if alias.not_after:
        before = fold_letters(text[max(0, start - 40) : start]).rstrip(" \"'(")
        if any(_ends_with_word(before, fold_letters(word)) for word in alias.not_after):
            return True
    if alias.not_before:
        after = fold_letters(text[end : end + 40]).lstrip(" \"')")
        return any(after.startswith(fold_letters(word)) for word in alias.not_before)
    return False


def _ends_with_word(text: str, word: str) -> bool:
    head = text[: -len(word)]
    return text.endswith(word) and not (len(head) > 1 and head[-1].isalnum() and head[-2].isalnum())


def _fold(
    text: str, start: int, end: int, names: Sequence[Name], layout: Layout, rules: frozenset[int]
) -> Passage:
    form: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    signs: dict[int, Name] = {}
    if start != layout.line(start)[0]:
        form, starts, ends = [CUT], [start], [start]
    position = start
    for name in [*names, None]:
        stop = name.span[0] if name is not None else end
        letters = _BLANKS.sub(_nothing, fold_in_place(text[position:stop]))
        for kept in _KEPT.finditer(letters):
            first, last = kept.span()
            form.append(kept[0])
            starts.extend(range(position + first, position + last))
            ends.extend(range(position + first + 1, position + last + 1))
        if name is not None:
            signs[len(starts)] = name
            form.append(name.sign)
            starts.append(name.span[0])
            ends.append(name.span[1])
            position = name.span[1]
    if end < len(text) and end != layout.line(max(start, end - 1))[1]:
        form.append(CUT)
        starts.append(end)
        ends.append(end)
    return Passage("".join(form), starts, ends, signs, rules)


def _is_letter(character: str) -> bool:
    """Whether words are made of it."""
    return character.isalnum() or character == "_"


def _nothing(blanks: re.Match[str]) -> str:
    return NOTHING * len(blanks[0])


def _join_doubles(passage: Passage) -> None:
    """Read a name followed by the same agency's other name as one."""
    positions = sorted(passage.names)
    for first, second in reversed(list(pairwise(positions))):
        one, two = passage.names[first], passage.names[second]
        between = passage.form[first + 1 : second]
        shared = [agency for agency in one.agencies if agency in two.agencies]
        if not shared or not _HANGS_ON.match(between):
            continue
        end = second + 1
        closing = re.compile("[\"']*[)/]?[\"']*").match(passage.form, end)
        if closing and any(mark in between for mark in '(/"'):
            end = closing.end()
        sign = GENERIC if one.sign == GENERIC else STRONG
        sign = PICTURES if PICTURES in (one.sign, two.sign) else sign
        _replace(
            passage,
            first,
            end,
            Name(passage.span(first, end), tuple(shared), ("",) * len(shared), sign),
        )


def _absorb(passage: Passage, pattern: re.Pattern[str]) -> None:
    for match in reversed(list(pattern.finditer(passage.form))):
        at = match.start("name")
        name = passage.names[at]
        start, end = match.span("phrase")
        sign = STRONG if name.sign in NAMED else name.sign
        span = passage.span(start, end)
        _replace(passage, start, end, attrs.evolve(name, span=span, sign=sign, plain=False))


def _replace(passage: Passage, start: int, end: int, name: Name) -> None:
    shift = end - start - 1
    passage.names = {
        at if at < start else at - shift: known
        for at, known in passage.names.items()
        if not start <= at < end
    }
    passage.names[start] = name
    passage.form = passage.form[:start] + name.sign + passage.form[end:]
    passage.starts[start:end] = [name.span[0]]
    passage.ends[start:end] = [name.span[1]]


def scripts_in(form: str) -> set[str]:
    """Return the scripts that folded letters are in."""
    return {name for name, letters in _SCRIPTS.items() if letters.search(form)}


def is_persian(text: str) -> bool:
    """Whether a text in Arabic script has letters that Arabic does not, more than a name brings."""
    found = sum(text.count(letter) for letter in _PERSIAN if letter in text)
    return found >= (_FEW_PERSIAN if len(text) > _REACH else 1)


def line_at(passage: Passage, position: int) -> tuple[int, int]:
    """Return the borders, in the form, of the line around `position`."""
    start = passage.form.rfind("\n", 0, position) + 1
    end = passage.form.find("\n", position)
    return start, len(passage.form) if end < 0 else end
