"""One pass over a text that finds every name and every trigger, and little else.

A text becomes one byte per character: words keep their letters, everything between words is one and
the same byte, so that the borders of a word are part of what the automaton looks for and a name inside
a longer word is never even reported.  Most texts end here, without a hit.

Arabic words carry conjunctions and prepositions glued to them; the variants of a name with each of
them are patterns of their own.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

import ahocorasick_rs
import attrs

from provenance.attribution.catalogue import Alias
from provenance.attribution.lettering import TATWEEL, fold_letter, fold_letters

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from typing_extensions import Buffer

__all__ = ["UNSPACED", "Hit", "Screen"]

_GAP, _OTHER, _LONG, _FIRST = 1, 2, 3, 4  # between words; a letter of no pattern; a tatweel
_HASHED = 47  # letters of the large scripts share this many bytes and are compared on the text
_PAGE = 256
_LOADING = 15_000_000  # characters after which loading machine code has paid
_ALEF_LAM = "\N{ARABIC LETTER ALEF}\N{ARABIC LETTER LAM}"
_LAM_LAM = "\N{ARABIC LETTER LAM}\N{ARABIC LETTER LAM}"
_ONE_LETTER = (
    "\N{ARABIC LETTER WAW}",
    "\N{ARABIC LETTER FEH}",
    "\N{ARABIC LETTER BEH}",
    "\N{ARABIC LETTER LAM}",
    "\N{ARABIC LETTER KAF}",
)
_CLITICS = (
    "",
    *_ONE_LETTER,
    *(a + b for a in _ONE_LETTER[:2] for b in (_ONE_LETTER[2], _ONE_LETTER[3])),
)
_SIGNS = "@_\N{COPYRIGHT SIGN}"  # not between words but part of what is looked for
_HEBREW_CLITICS = (
    "",
    "\N{HEBREW LETTER LAMED}",
    "\N{HEBREW LETTER BET}",
    "\N{HEBREW LETTER MEM}",
    "\N{HEBREW LETTER VAV}",
    "\N{HEBREW LETTER HE}",
    "\N{HEBREW LETTER SHIN}",
)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_BLANKS = re.compile("[ \N{NO-BREAK SPACE}]{2,}")
_LONG_RUN = re.compile(rb"(?<=[^\x00\x01\x03])\x03[\x00\x03]*")
_DELETED = re.compile(rb"\0+")
#: Languages that write a foreign name without blanks around it.
UNSPACED = frozenset({"zh", "ja", "ko"})
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")


@attrs.frozen
class Hit:
    """A name or a trigger that occurs.

    Attributes:
        start: First code point of it in the text.
        end: One past its last.
        aliases: Names that are spelled so; empty for a trigger.
        rules: Numbers of the rules that the trigger wakes.
        clitic: Characters glued before the name.
    """

    start: int
    end: int
    aliases: tuple[Alias, ...] = ()
    rules: tuple[int, ...] = ()
    clitic: int = 0


@attrs.define
class _Pattern:
    aliases: tuple[Alias, ...] = ()
    rules: tuple[int, ...] = ()
    clitic: int = 0
    letters: str = ""
    before: int = 0
    behind: int = 0
    uncertain: bool = False


class Screen:
    """The automaton over names and triggers, built once."""

    def __init__(self, aliases: Iterable[Alias], triggers: Sequence[tuple[str, ...]]) -> None:
        """Build it.

        Args:
            aliases: The catalogue's names.
            triggers: For each rule the folded words that wake it.
        """
        patterns = _collect(aliases, triggers)
        self._alphabet = _alphabet(pattern.letters for pattern in patterns)
        encoded: dict[bytes, None] = {}
        by_bytes: dict[bytes, list[_Pattern]] = {}
        for pattern in patterns:
            key = self._encode_pattern(pattern)
            encoded[key] = None
            by_bytes.setdefault(key, []).append(pattern)
        self._groups = [by_bytes[key] for key in encoded]
        # a DFA scans in half the time, alone; after the work on an article its 60 MB are cold
        self._automaton = ahocorasick_rs.BytesAhoCorasick(list(encoded))
        self._pages: dict[int, bytes] = {}
        self._masks: dict[int, bytes] = {}
        self._table: npt.NDArray[np.uint8] | None = None
        self._read = 0

    def find(self, text: str) -> list[Hit]:
        """Return every hit, in order of its end; longer names beside the shorter ones inside."""
        units = self._units(text)
        if self._wide(len(text)):
            data, back = self._encode_fast(units)
        else:
            data, back = self._encode(text, units)
        found = self._automaton.find_matches_as_indexes(data, overlapping=True)
        hits = []
        for number, start, end in found:
            for pattern in self._groups[number]:
                first = back(start + pattern.before)
                last = back(end - pattern.behind - 1)
                if pattern.uncertain and not _spells(text[first : last + 1], pattern.letters):
                    continue
                hits.append(Hit(first, last + 1, pattern.aliases, pattern.rules, pattern.clitic))
        return hits

    def _encode_pattern(self, pattern: _Pattern) -> bytes:
        body = bytes(self._code(letter) for letter in pattern.letters)
        pattern.uncertain = any(code == _OTHER or code >= _PAGE - _HASHED - 1 for code in body)
        return b"\1" * pattern.before + body + b"\1" * pattern.behind

    def _units(self, text: str) -> bytes:
        """Return a text as UTF-16 with one unit for each character."""
        units = text.encode("utf-16-le", "surrogatepass")
        if len(units) == 2 * len(text):
            return units
        return _ASTRAL.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-16-le", "surrogatepass")

    def _wide(self, size: int) -> bool:
        """Whether machine code is at hand, or so much has been read that it is worth loading."""
        self._read += size
        return self._read > _LOADING or "numba" in sys.modules

    def _encode_fast(self, raw: bytes) -> tuple[Buffer, Callable[[int], int]]:
        """Return the bytes that mean something, between two gaps, and the way back to their places."""
        import numpy as np

        if self._table is None:
            from provenance.attribution.kernels import UNSEEN, encode_units

            self._kernel = encode_units
            self._table = np.full(_PAGE * _PAGE, UNSEEN, np.uint8)
        units = np.frombuffer(raw, np.uint16)
        data = np.empty(units.size + 2, np.uint8)
        places = np.empty(units.size + 2, np.int32)
        size = self._kernel(units, self._table, data, places)
        if size < 0:
            for page in set(raw[1::2]):
                first = page * _PAGE
                self._table[first : first + _PAGE] = np.frombuffer(self._page(page), np.uint8)
            size = self._kernel(units, self._table, data, places)
        return data[:size].data, places.item

    def _encode(self, text: str, raw: bytes) -> tuple[Buffer, Callable[[int], int]]:
        """Do the same without machine code."""
        data = self._lay_over(raw)
        if "  " in text or "\N{NO-BREAK SPACE}" in text:
            data = _close_up(text, data)
        if b"\3" in data:
            data = _LONG_RUN.sub(_delete, data).replace(b"\3", b"\1")
        data = b"\1" + data + b"\1"
        if b"\0" not in data:
            return data, _one_before
        return data.translate(None, b"\0"), _WayBack(data)

    def _lay_over(self, raw: bytes) -> bytes:
        """Do the same without numpy, page by page."""
        low, high = raw[0::2], raw[1::2]
        pages = set(high)
        if len(pages) == 1:
            return low.translate(self._page(pages.pop()))
        # each page's bytes, blanked outside the page, laid over one another as large integers
        merged = 0
        for page in pages:
            part = int.from_bytes(low.translate(self._page(page)), "little")
            merged |= part & int.from_bytes(high.translate(self._mask(page)), "little")
        return merged.to_bytes(len(low), "little")

    def _page(self, page: int) -> bytes:
        if page not in self._pages:
            first = page * _PAGE
            self._pages[page] = bytes(
                _LONG if chr(code) == TATWEEL else self._code(fold_letter(chr(code)))
                for code in range(first, first + _PAGE)
            )
        return self._pages[page]

    def _mask(self, page: int) -> bytes:
        if page not in self._masks:
            self._masks[page] = bytes(255 if code == page else 0 for code in range(_PAGE))
        return self._masks[page]

    def _code(self, letter: str) -> int:
        if not letter:
            return 0
        code = self._alphabet.get(letter)
        if code is not None:
            return code
        if not letter.isalnum():
            return _GAP
        return _hashed(letter) if _UNSPACED.match(letter) else _OTHER


def _collect(aliases: Iterable[Alias], triggers: Sequence[tuple[str, ...]]) -> list[_Pattern]:
    patterns: dict[tuple[str, int, int, int], _Pattern] = {}

    def at(letters: str, clitic: int, before: int, behind: int) -> _Pattern:
        return patterns.setdefault(
            (letters, clitic, before, behind),
            _Pattern(clitic=clitic, letters=letters, before=before, behind=behind),
        )

    for alias in aliases:
        bounded = not _UNSPACED.search(alias.text) and alias.language not in UNSPACED
        for letters, clitic in _spellings(fold_letters(alias.text), bounded):
            at(letters, clitic, int(bounded), int(bounded)).aliases += (alias,)
    for number, words in enumerate(triggers):
        for word in words:
            spaced = not _UNSPACED.search(word)
            before = int(spaced and word[0].isalnum())
            behind = int(spaced and word[-1].isalnum())
            arabic = "ARABIC" in unicodedata.name(word[0], "")
            # a clitic that stands by itself has nothing but a conjunction before it
            prefixes = (_CLITICS if len(word) > 1 else _CLITICS[:3]) if arabic else ("",)
            for prefix in prefixes:
                at(prefix + word.strip("*"), 0, before, behind).rules += (number,)
    return list(patterns.values())


def _spellings(folded: str, bounded: bool) -> Iterator[tuple[str, int]]:
    letters = "".join(letter if letter.isalnum() else " " for letter in folded).strip()
    words = letters.split()
    if not words:
        return
    script = unicodedata.name(words[0][0], "")
    arabic = "ARABIC" in script
    forms = [letters]
    if len(words) > 1 and all(len(word) == 1 for word in words):
        # a dot, a blank or both between the letters of an abbreviation, but not nothing everywhere
        gaps = product(("", " ", "  "), repeat=len(words) - 1)
        forms = [_join(words, gap) for gap in gaps if any(gap)]
    for form in forms:
        if "HEBREW" in script:
            for clitic in _HEBREW_CLITICS:
                yield clitic + form, len(clitic)
            continue
        if not (arabic and bounded):
            yield form, 0
            continue
        for clitic in _CLITICS:
            yield clitic + form, len(clitic)
        if form.startswith(_ALEF_LAM):
            for clitic in ("", *_ONE_LETTER[:2]):
                yield clitic + _LAM_LAM + form[2:], len(clitic) + 1


def _join(words: Sequence[str], gaps: Sequence[str]) -> str:
    return words[0] + "".join(gap + word for gap, word in zip(gaps, words[1:], strict=True))


def _alphabet(patterns: Iterable[str]) -> dict[str, int]:
    letters = sorted({x for pattern in patterns for x in pattern if x.isalnum() or x in _SIGNS})
    small = [letter for letter in letters if not _UNSPACED.match(letter)]
    room = _PAGE - _FIRST - _HASHED - 1
    # letters beyond the room share the byte of "some letter": found too often, then compared
    return {letter: _FIRST + number for number, letter in enumerate(small[:room])}


def _hashed(letter: str) -> int:
    return _PAGE - _HASHED - 1 + ord(letter) % _HASHED


def _spells(found: str, letters: str) -> bool:
    plain = "".join(x if x.isalnum() else " " for x in fold_letters(found))
    return plain == "".join(x if x.isalnum() else " " for x in letters)


def _close_up(text: str, data: bytes) -> bytes:
    closed = bytearray(data)
    for run in _BLANKS.finditer(text):
        start, end = run.span()
        closed[start + 1 : end] = bytes(end - start - 1)
    return bytes(closed)


def _delete(run: re.Match[bytes]) -> bytes:
    return b"\0" * len(run[0])


def _one_before(position: int) -> int:
    return position - 1


class _WayBack:
    """From a position among the kept bytes, between two gaps, to its place in the text."""

    def __init__(self, data: bytes) -> None:
        self._kept: list[int] = []
        self._gone: list[int] = []
        gone = 0
        for run in _DELETED.finditer(data):
            self._kept.append(run.start() - gone)
            gone += len(run[0])
            self._gone.append(gone)

    def __call__(self, position: int) -> int:
        run = bisect_right(self._kept, position) - 1
        return position - 1 + (self._gone[run] if run >= 0 else 0)
