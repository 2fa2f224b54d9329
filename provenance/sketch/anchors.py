"""What a text is about, as keys that do not depend on its language.

An *anchor* is a token that survives translation: a number in any digit system, a date, a Latin word
left standing in another script, a handle or an address, a name reduced to its consonants
(:mod:`provenance.sketch._skeletons`).  Beside these stand the *stems* of a text's words, which only
texts in the same language share.  One word may give several keys, the readings of a name; `words`
tells which keys belong to the same word, so that it is counted once.

A key's rarity has to be known before a corpus is: each key carries a *prior*, the share of texts that
would hold it judging by its kind and length alone.

Limits: names shorter than three consonants have no skeleton; only five scripts have one; text
without blanks between words gives pairs of letters as stems and no names; stems are cut by rule of
thumb, without a dictionary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt
import xxhash

from provenance.model import Mask
from provenance.sketch._dates import day_of_year, days_beside, numeric_date
from provenance.sketch._rarity import (
    fold_word,
    function_words,
    name_prior,
    number_prior,
    stem_prior,
)
from provenance.sketch._skeletons import LATIN_LANGUAGES, rows_of, script_of, skeletons
from provenance.sketch._stems import concepts_of, forms_of, stem_of
from provenance.text.calendars import month_numbers, weekday_numbers

__all__ = [
    "ADDRESS",
    "CONCEPT",
    "DATE",
    "LATIN",
    "MONTH",
    "NAME",
    "NUMBER",
    "STEM",
    "VALUE",
    "WEEKDAY",
    "WORD",
    "YEAR",
    "AnchorKeys",
    "anchor_keys",
]

NUMBER: Final = 0  #: value of a number
YEAR: Final = 1  #: 1900 to 2099
MONTH: Final = 2  #: 1 to 12
WEEKDAY: Final = 3  #: 1 Monday to 7 Sunday
DATE: Final = 4  #: a day of a month, as the number of the day in a leap year
NAME: Final = 5  #: consonants of a word that may be a name
WORD: Final = 6  #: letters of a word that may be a name, for languages of one script
LATIN: Final = 7  #: Latin word in a language of another script
ADDRESS: Final = 8  #: web address or handle
STEM: Final = 9  #: stem of a word, for one language
CONCEPT: Final = 10  #: what a word of the news means, by the English word of ``data/concepts.tsv``

#: A key's upper byte is its kind; the lower seven are its value, plain for numbers and dates up to
#: this size, a digest for the rest.
VALUE: Final = (1 << 56) - 1

#: Code points read.  News tells its event first; more text adds background that other events share.
LIMIT: Final = 2_500

#: A name is looked for in words of this many letters, and in skeletons of this many consonants:
#: shorter ones stand for too many words.
_SHORTEST_WORD: Final = 4
_SHORTEST_NAME: Final = 3

#: Characters of the shortest date in digits, ``1.2.24``.
_SHORTEST_DATE: Final = 6

#: Reasons of masks whose dates are still read.
_DATING: Final = frozenset({"embed"})

#: Month names this long (in letters) are hardly another word; shorter ones need a day beside them.
_TELLING_MONTH: Final = 5

#: Languages that write months with a capital letter, where ``march`` is a verb.
_CAPITAL_MONTHS: Final = frozenset({"en", "de"})

#: Scripts without capital letters: every word may be a name.
_UNCASED: Final = frozenset({"arabic", "hebrew"})

#: Share of texts that hold a given key, by kind, judged from how many values a kind has: a year, a
#: month, a weekday, a day of a month; a name kept in its own letters; an address.
_PRIORS: Final = {
    YEAR: 0.1,
    MONTH: 0.1,
    WEEKDAY: 0.2,
    DATE: 0.02,
    WORD: 0.01,
    LATIN: 0.01,
    ADDRESS: 0.002,
    CONCEPT: 0.1,
}

#: A line up to this many code points that names a picture's maker is the credit of the line before.
_CREDIT_LINE: Final = 80
#: A line up to this many that does so is a caption itself.
_CAPTION_LINE: Final = 300
#: A line up to this many of which at most a third are letters of other words is a page's date line.
_DATE_LINE: Final = 60

_SEPARATORS: Final = {
    ord("\N{ARABIC DECIMAL SEPARATOR}"): ".",
    ord("\N{ARABIC THOUSANDS SEPARATOR}"): ",",
}
_FOREIGN_DIGIT: Final = re.compile(r"(?![0-9])\d")
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_SCHEME: Final = re.compile(r"^(?:https?://)?(?:www\.)?")
_APOSTROPHE: Final = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}]")

#: Scripts that put no blanks between words, as ranges of a character class.
_UNSPACED: Final = (
    "\N{THAI CHARACTER KO KAI}-\N{LAO LETTER KHMU NYO}"
    "\N{HIRAGANA LETTER SMALL A}-\N{KATAKANA LETTER SMALL RE}"
    "\N{CJK UNIFIED IDEOGRAPH-3400}-\N{CJK UNIFIED IDEOGRAPH-9FFF}"
)


@attrs.frozen(kw_only=True, eq=False)
class AnchorKeys:
    """The keys of one text: K keys of W words, words in order of first occurrence.

    Attributes:
        language: Primary language subtag the text was read in, or empty.
        length: Tokens read.
        keys: uint64[K], kind in the upper byte; those of a word side by side, none twice in a word.
        kinds: uint8[K].
        priors: float32[K], share of texts expected to hold the key.
        words: int32[K], number of the word a key belongs to, ascending.
        positions: int64[W], code point of the word's first occurrence; -1 if in the title.
        counts: int32[W], occurrences of the word.
    """

    language: str
    length: int
    keys: npt.NDArray[np.uint64]
    kinds: npt.NDArray[np.uint8]
    priors: npt.NDArray[np.float32]
    words: npt.NDArray[np.int32]
    positions: npt.NDArray[np.int64]
    counts: npt.NDArray[np.int32]


@attrs.frozen(eq=False)
class _Word:
    """A distinct word and its keys, hashed by identity: one look-up a token.

    Attributes:
        dated: Whether it may be part of a date, by itself or with the word before it.
    """

    folded: str
    keys: tuple[int, ...]
    kinds: tuple[int, ...]
    priors: tuple[float, ...]
    dated: bool = False


def anchor_keys(
    text: str, language: str, *, title: str = "", masks: Sequence[Mask] = (), limit: int = LIMIT
) -> AnchorKeys:
    """Return the keys of a text, language-free ones and stems.

    Args:
        text: The text as found.
        language: BCP 47 tag; empty if unknown: then no language's affixes and dates are known.
        title: Headline, where it does not stand in the text; its words count as read before it.
        masks: Spans of `text` whose words are not read.  An embedded post still dates what it shows,
            and a hidden credit still tells that the line above it is a caption.
        limit: Code points of `text` read, masked ones not counted.

    Returns:
        The keys, with kind, prior, first position and count.
    """
    tongue = language.split("-", maxsplit=1)[0].lower()
    places: dict[_Word, list[int]] = {}
    _read(title, tongue, (), len(title), places)
    for place in places.values():
        place[0] = -1
    hidden = sorted(masks, key=lambda mask: mask.span)
    for mask in hidden:
        limit += mask.span[1] - mask.span[0] if mask.span[0] < limit else 0
    _read(text, tongue, hidden, limit, places)
    telling = [(word, place) for word, place in places.items() if word.keys]
    sizes = [len(word.keys) for word, _ in telling]
    keys: list[int] = []
    kinds: list[int] = []
    priors: list[float] = []
    for word, _ in telling:
        keys += word.keys
        kinds += word.kinds
        priors += word.priors
    return AnchorKeys(
        language=tongue,
        length=sum(count for _, count in places.values()),
        keys=np.array(keys, np.uint64),
        kinds=np.array(kinds, np.uint8),
        priors=np.array(priors, np.float32),
        words=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        positions=np.array([place[0] for _, place in telling], np.int64),
        counts=np.array([place[1] for _, place in telling], np.int32),
    )


def _read(
    text: str, language: str, hidden: Sequence[Mask], limit: int, places: dict[_Word, list[int]]
) -> None:
    """Enter each word of a text with its first place and its count, then its dates."""
    if _FOREIGN_DIGIT.search(text):
        text = text.translate(_ascii_digits())
    word_of = _reader(language)
    words: list[_Word] = []
    dated: list[tuple[int, str, int]] = []
    ahead = iter((*hidden, Mask(span=(limit, limit), reason="limit")))
    mask = next(ahead)
    for match in _token_pattern().finditer(text, 0, limit):
        token = match[2] or match[0]
        word = word_of(token)
        while match.start() >= mask.span[1] and mask.span[1] < limit:
            mask = next(ahead)
        shown = match.start() < mask.span[0]
        if shown:
            place = places.get(word)
            if place:
                place[1] += 1
            else:
                places[word] = [match.start(), 1]
        if word.dated and (shown or mask.reason in _DATING):
            dated.append((len(words), token, match.start()))
        words.append(word)
    if dated:
        for start, found in _dates(text, language, [word.folded for word in words], dated):
            places.setdefault(found, [start, 0])[1] += 1


def _dates(
    text: str, language: str, words: Sequence[str], dated: Sequence[tuple[int, str, int]]
) -> Iterator[tuple[int, _Word]]:
    """Weekdays, months and days of a month: start and word of each.

    Args:
        text: The text, digits in ASCII.
        language: Its language.
        words: Its tokens, folded.
        dated: Number, letters and start of the tokens that may be part of a date.
    """
    names = _calendar()
    days: set[tuple[int, int]] = set()
    for number, token, start in dated:
        if token[0].isdigit():
            written = numeric_date(token)
            if written:
                days.add((start, day_of_year(written[1], written[2])))
            continue
        entry = names.get(words[number]) or names.get(
            " ".join(words[max(0, number - 1) : number + 1])
        )
        if entry and entry[0] == WEEKDAY:
            yield start, _plain(*entry)
        elif entry and (token[0].isupper() or language not in _CAPITAL_MONTHS):
            beside = days_beside(words, number)
            if beside or len(words[number]) >= _TELLING_MONTH:
                yield start, _plain(*entry)
            days.update((start, day_of_year(entry[1], day)) for day in beside)
    for start, day in sorted(days):
        if _in_prose(text, start):
            yield start, _plain(DATE, day)


@cache
def _plain(kind: int, value: int) -> _Word:
    return _Word(str(value), (kind << 56 | value,), (kind,), (_PRIORS[kind],))


def _digest(kind: int, value: str) -> int:
    return kind << 56 | xxhash.xxh3_64_intdigest(value.encode("utf-8", "surrogatepass")) & VALUE


@cache
def _reader(language: str) -> Callable[[str], _Word]:
    """A function from a token of a language to its word, with a memory."""

    @lru_cache(maxsize=1 << 17)
    def read(token: str) -> _Word:
        if token[0].isdigit():
            return _number(token)
        if token[0] == "@" or "/" in token:
            address = _SCHEME.sub("", token).split("?")[0].rstrip("/.,").casefold()
            return _Word(address, (_digest(ADDRESS, address),), (ADDRESS,), (_PRIORS[ADDRESS],))
        parts = _APOSTROPHE.split(token)
        # A suffix stands behind the apostrophe in Turkish; elsewhere the longest part is the word.
        core = parts[0] if language == "tr" else max(parts, key=len)
        return word_of(fold_word(core), core[0].isupper())

    @lru_cache(maxsize=1 << 17)
    def word_of(folded: str, capital: bool) -> _Word:
        dated = folded in _parts_of_dates()
        if len(folded) < 2 or folded in function_words(language):
            return _Word(folded, (), (), (), dated)
        rows = _rows(folded, capital, language)
        keys, kinds, priors = zip(*((_digest(k, v), k, p) for k, v, p in rows), strict=True)
        return _Word(folded, keys, kinds, priors, dated)

    return read


def _number(token: str) -> _Word:
    """The word of a number in ASCII digits."""
    value = token.translate(_SEPARATORS)
    if _GROUPED.fullmatch(value):
        value = value.replace(".", "").replace(",", "")
    value = value.replace(",", ".")
    if len(value) == 4 and value[:2] in {"19", "20"} and value.isdigit():
        return _plain(YEAR, int(value))
    dated = len(token) >= _SHORTEST_DATE
    return _Word(token, (_digest(NUMBER, value),), (NUMBER,), (number_prior(value),), dated)


def _rows(word: str, capital: bool, language: str) -> Iterator[tuple[int, str, float]]:
    """Kind, value and prior of each key of a folded word, none twice."""
    script = script_of(word)
    stem = stem_of(word, script, language)
    yield STEM, f"{language} {stem}", stem_prior(len(word))
    concept = concepts_of(language).get(stem)
    if concept:
        yield CONCEPT, concept, _PRIORS[CONCEPT]
    if script == "latin" and language not in LATIN_LANGUAGES:
        yield LATIN, word, _PRIORS[LATIN]
    if script in _UNCASED or (script and capital):
        forms = forms_of(word, language)
        if len(word) >= _SHORTEST_WORD:
            for form in forms:
                yield WORD, form, _PRIORS[WORD]
        for skeleton in dict.fromkeys(s for form in forms for s in skeletons(form, script)):
            if len(skeleton) >= _SHORTEST_NAME:
                yield NAME, skeleton, name_prior(len(skeleton))


def _in_prose(text: str, start: int) -> bool:
    """Tell whether a date belongs to what is told, not to the page's date line or a picture's caption."""
    begin, end = text.rfind("\n", 0, start) + 1, text.find("\n", start)
    line = text[begin : end if end >= 0 else len(text)].strip()
    if len(line) <= _CAPTION_LINE:
        words = _folded_words(line)
        others = sum(len(word) for word in words if word not in _parts_of_dates())
        if len(line) <= _DATE_LINE and 3 * others <= len(line):
            return False
        if not _caption_words().isdisjoint(words):
            return False
    below = _LINE.search(text, end) if end >= 0 else None
    return (
        below is None
        or len(below.group()) > _CREDIT_LINE
        or _caption_words().isdisjoint(_folded_words(below.group()))
    )


def _folded_words(line: str) -> list[str]:
    return [fold_word(word) for word in _LETTERS.findall(line)]


_LINE: Final = re.compile(r"[^\s][^\n]*")
_LETTERS: Final = re.compile(r"[^\W\d_]+")


@cache
def _calendar() -> dict[str, tuple[int, int]]:
    """Kind and number of every name of a month or weekday."""
    weekdays = {name: (WEEKDAY, number + 1) for name, number in weekday_numbers().items()}
    return weekdays | {name: (MONTH, number) for name, number in month_numbers().items()}


@cache
def _parts_of_dates() -> frozenset[str]:
    """Last words of the names of months and weekdays."""
    return frozenset(name.split()[-1] for name in _calendar())


@cache
def _caption_words() -> frozenset[str]:
    return frozenset(fold_word(row[0]) for row in rows_of("captions.tsv"))


@cache
def _ascii_digits() -> dict[int, str]:
    """Every decimal digit of the basic plane to its ASCII form, one code point for one."""
    return {
        point: str(unicodedata.decimal(chr(point)))
        for point in range(0x80, 0x10000)
        if unicodedata.category(chr(point)) == "Nd"
    }


@cache
def _token_pattern() -> re.Pattern[str]:
    """Addresses, dates in digits, numbers, pairs of unspaced letters (group 2), words."""
    marks = (
        "".join(
            re.escape(chr(point))
            for point in range(0x300, 0x10000)
            if unicodedata.category(chr(point)) in {"Mn", "Mc"}
        )
        + "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
    )
    apostrophes = _APOSTROPHE.pattern
    decimals = "[.,\N{ARABIC DECIMAL SEPARATOR}\N{ARABIC THOUSANDS SEPARATOR}]"
    word = rf"[^\W\d_]+(?:[{marks}]+[^\W\d_]*)*"
    return re.compile(
        rf"(?:https?://|www\.)\S+|@\w{{2,}}|\d{{1,4}}([-/.])\d{{1,2}}\1\d{{1,4}}|\d+(?:{decimals}\d+)*"
        rf"|(?=([{_UNSPACED}]{{2}}))[{_UNSPACED}]|{word}(?:{apostrophes}{word})*"
    )
