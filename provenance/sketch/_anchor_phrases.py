"""Anchors that are more than a word, or less.

Numbers with separators in them, dates in digits, names of several words, addresses, and what stands in
scripts without blanks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from provenance.sketch._anchor_ideographs import Row, ideograph_rows
from provenance.sketch._anchor_words import name_keys, number_key
from provenance.sketch.gazetteer import (
    DATE,
    LONGEST,
    MAGNITUDES,
    WORD,
    gazetteer_of,
    key_of,
)
from provenance.text.columns import Columns
from provenance.text.folding import fold_text

__all__ = ["COARSELY", "UNSPACED", "Phrases", "magnitude_tokens"]

#: Languages whose names stand in runs of characters.
UNSPACED: Final = frozenset({"zh", "ja"})

#: Languages whose names are compared by coarse classes: their scripts have fewer consonants.
COARSELY: Final = UNSPACED | {"ko"}

#: A handle was worth keeping to whoever translated the text.
_LINKED = 1.2

#: Number of the first word of a text that stands beside its columns.
_BESIDE: Final = 1 << 24

_SEPARATORS: Final = {
    ".": ".",
    ",": ",",
    "\N{ARABIC DECIMAL SEPARATOR}": ".",
    "\N{ARABIC THOUSANDS SEPARATOR}": ",",
    "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
    "\N{THIN SPACE}": " ",
    "\N{RIGHT SINGLE QUOTATION MARK}": " ",
    "'": " ",
    " ": " ",
}
_LINKS: Final = re.compile(r"https?://[^\s<>\"]+|[\w.+-]{1,64}@[\w-]+\.[\w.-]+|[@#]\w{3,}")
_APOSTROPHES: Final = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}\N{HEBREW PUNCTUATION GERESH}]")
_HEBREW: Final = "[\N{HEBREW LETTER ALEF}-\N{HEBREW LETTER TAV}]+"
_GERESH: Final = re.compile(f"{_HEBREW}(?:{_APOSTROPHES.pattern}{_HEBREW})+")
_CLOSING: Final = "/.,;:!?)]'\N{RIGHT DOUBLE QUOTATION MARK}"
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d{1,3}(?: \d{3})+")
_DATE: Final = re.compile(
    r"(?:(\d{4})([-/.])(\d{1,2})\2\d{1,2}|(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2}))"
)
_DECIMAL: Final = re.compile(r"(\d{1,3}(?:[., ]\d{3})*|\d+)[.,](\d+)")


class Phrases:
    """Collects occurrences beside the words of columns, and the types they are of.

    Attributes:
        types: Keys and factors of each new type; the first has number `first`.
        found: Text, word, place and type of each occurrence.
        replaced: Tokens that such an occurrence stands for.
    """

    def __init__(self, first: int) -> None:
        self.types: list[tuple[Row, ...]] = []
        self.found: list[tuple[int, int, float, int]] = []
        self.replaced: list[int] = []
        self._first = first
        self._number: dict[tuple[Row, ...], int] = {}

    def _put(self, text: int, word: int, place: float, rows: tuple[Row, ...]) -> None:
        number = self._number.get(rows)
        if number is None:
            number = self._number[rows] = self._first + len(self.types)
            self.types.append(rows)
        self.found.append((text, word, place, number))

    def add_numbers(
        self,
        columns: Columns,
        texts: Sequence[str],
        owners: npt.NDArray[np.int64],
        digits: npt.NDArray[np.bool_],
        magnitudes: npt.NDArray[np.int64],
    ) -> None:
        """Join numbers that are cut by separators, and multiply those before a power of ten.

        Args:
            columns: Words of the texts.
            texts: The originals.
            owners: int64[T], text of each word.
            digits: bool[T], whether a word is digits.
            magnitudes: int64[T], the power of ten that a word means, else 0.
        """
        starts, ends = columns.starts.astype(np.int64), columns.ends.astype(np.int64)
        if not digits.any():
            return
        near = digits[:-1] & (owners[:-1] == owners[1:]) & (starts[1:] - ends[:-1] <= 2)
        joined = near & (digits[1:] & (starts[1:] - ends[:-1] == 1) | (magnitudes[1:] > 0))
        if not joined.any():
            return
        begins = joined & ~np.concatenate([[False], joined[:-1]])
        for first in np.flatnonzero(begins).tolist():
            last = first
            while last < len(joined) and joined[last] and not magnitudes[last]:
                last += 1
            self._add_number(columns, texts, int(owners[first]), first, last, int(magnitudes[last]))

    def _add_number(
        self,
        columns: Columns,
        texts: Sequence[str],
        text: int,
        first: int,
        last: int,
        magnitude: int,
    ) -> None:
        stop = last if magnitude else last + 1
        start, end = int(columns.starts[first]), int(columns.ends[stop - 1])
        written = texts[text][start:end]
        value = _value(written)
        if not value:
            month = _month(written)
            if month:
                self._put(text, first - int(columns.offsets[text]), (start + end) / 2, month)
            return
        word = first - int(columns.offsets[text])
        if stop > first + 1:
            self.replaced += range(first, stop)
            self._put(text, word, (start + end) / 2, ((number_key(value), 1.0),))
        if magnitude:
            self._put(text, word, (start + end) / 2, ((number_key(_times(value, magnitude)), 1.0),))

    def add_names(
        self,
        columns: Columns,
        openers: npt.NDArray[np.uint64],
        tongues: npt.NDArray[np.int64],
        languages: tuple[str, ...],
    ) -> None:
        """Find names of several words, the longest at each of the words that begin one.

        Args:
            columns: Words of the texts.
            openers: uint64[T], token with which each word may begin a name, 0 for none.
            tongues: int64[N], number of each text's language.
            languages: Primary subtags.
        """
        from provenance.sketch.anchor_kernels import find_names

        places, sizes, keys = find_names(
            columns.tokens, columns.offsets, openers, tongues, *_names_of(languages), LONGEST
        )
        owners = np.searchsorted(columns.offsets, places, side="right") - 1
        middles = (columns.starts[places] + columns.ends[places + sizes - 1].astype(np.float64)) / 2
        words = places - columns.offsets[owners]
        rows = zip(owners.tolist(), words.tolist(), middles.tolist(), keys.tolist(), strict=True)
        for text, word, middle, key in rows:
            self._put(text, word, middle, ((key, 1.0),))

    def add_runs(self, text: int, letters: str) -> None:
        """Find what stands in Chinese characters and kana, where nothing says that a name ends."""
        for start, place, rows in ideograph_rows(letters):
            self._put(text, _BESIDE + start, place, rows)

    def add_marked(self, text: int, letters: str) -> None:
        """Find Hebrew words with a geresh inside, which cuts words and here changes a letter."""
        for match in _GERESH.finditer(letters):
            rows = name_keys(fold_text(_APOSTROPHES.sub("", match.group())), "he")
            if rows:
                middle = (match.start() + match.end()) / 2
                self._put(text, _BESIDE + match.start(), middle, rows)

    def add_links(self, text: int, letters: str) -> None:
        """Find handles, hashtags and addresses, which nobody translates."""
        if "@" not in letters and "#" not in letters and "://" not in letters:
            return
        for match in _LINKS.finditer(letters):
            written = match.group().rstrip(_CLOSING).casefold()
            middle = (match.start() + match.end()) / 2
            self._put(text, _BESIDE + match.start(), middle, ((key_of(WORD, written), _LINKED),))


def _value(written: str) -> str:
    """The number that digits with separators stand for, empty where they are no number."""
    plain = "".join(str(int(c)) if c.isdecimal() else _SEPARATORS.get(c, "/") for c in written)
    if plain.isdigit():
        return plain
    if _GROUPED.fullmatch(plain):
        return re.sub("[., ]", "", plain)
    match = _DECIMAL.fullmatch(plain)
    return f"{re.sub('[., ]', '', match[1])}.{match[2]}" if match else ""


def _month(written: str) -> tuple[Row, ...]:
    """Keys of the months that a date in digits may mean; which number is the day is not always told."""
    match = _DATE.fullmatch(written)
    if not match:
        return ()
    months = {int(part) for part in ((match[3],) if match[1] else (match[4], match[5]))}
    likely = sorted(month for month in months if 1 <= month <= 12)
    return tuple((key_of(DATE, f"month {month}"), 1 / len(likely)) for month in likely)


def _times(value: str, magnitude: int) -> str:
    whole, _, rest = value.partition(".")
    zeros = len(str(magnitude)) - 1
    return f"{whole}{rest[:zeros]:0<{zeros}}" + (f".{rest[zeros:]}" if rest[zeros:] else "")


@lru_cache(maxsize=256)
def _names_of(languages: tuple[str, ...]) -> tuple[Any, Any, Any]:
    """Names of languages one after another, and where those of each begin."""
    known = [gazetteer_of(language) for language in languages]
    edges = np.cumsum([0, *(len(names.phrases) for names in known)], dtype=np.int64)
    nothing = np.empty(0, np.uint64)
    return (
        np.concatenate([nothing, *(names.phrases for names in known)]),
        np.concatenate([nothing, *(names.phrase_keys for names in known)]),
        edges,
    )


@cache
def magnitude_tokens(language: str) -> dict[int, int]:
    """Return the token hashes of a language's words for powers of ten."""
    names = gazetteer_of(language)
    return {token: MAGNITUDES[key] for token, key in names.words.items() if key in MAGNITUDES}
