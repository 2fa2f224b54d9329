"""Anchors that are more than a word, or less.

Numbers with separators in them, names of several words, names in scripts without blanks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from provenance.sketch._anchor_words import name_keys, number_key
from provenance.sketch._skeletons import rows_of
from provenance.sketch.gazetteer import COARSE, KIND_BITS, MAGNITUDES, gazetteer_of
from provenance.text.columns import Columns

__all__ = ["UNSPACED", "Phrases"]

#: Languages whose names stand in runs of characters.
UNSPACED: Final = frozenset({"zh", "ja"})

#: Tokens of the longest name of several words.
_LONGEST: Final = 8

#: Characters of the longest name looked for in a run, and classes of the shortest.
_WINDOW, _NAME = 5, 3
_COARSENED = 0.7

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
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d{1,3}(?: \d{3})+")
_DECIMAL: Final = re.compile(r"(\d{1,3}(?:[., ]\d{3})*|\d+)[.,](\d+)")

Row = tuple[int, float]


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
        value = _value(texts[text][start:end])
        if not value:
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
        owners: npt.NDArray[np.int64],
        begins: npt.NDArray[np.int64],
        languages: Sequence[str],
    ) -> None:
        """Find names of several words, the longest at each of the words that begin one.

        Args:
            columns: Words of the texts.
            owners: int64[T], text of each word.
            begins: Tokens at which a name may begin.
            languages: Of each text.
        """
        for token in begins.tolist():
            text = int(owners[token])
            end = int(min(columns.offsets[text + 1], token + _LONGEST))
            following = columns.tokens[token:end].tolist()
            phrases = gazetteer_of(languages[text]).phrases
            for size in range(len(following), 1, -1):
                key = phrases.get(tuple(following[:size]))
                if key:
                    place = (int(columns.starts[token]) + int(columns.ends[token + size - 1])) / 2
                    word = token - int(columns.offsets[text])
                    self._put(text, word, place, ((key, 1.0),))
                    break

    def add_runs(self, text: int, letters: str) -> None:
        """Find foreign names in Chinese characters and kana, where nothing says that one ends."""
        classes = _name_characters()
        for match in _name_runs().finditer(letters):
            run, start = match.group(), match.start()
            if run[0] not in classes:
                rows = _kana_keys(run)
                if rows:
                    self._put(text, _BESIDE + start, start + len(run) / 2, rows)
                continue
            for at in range(len(run)):
                rows = _window_keys(run[at : at + _WINDOW])
                if rows:
                    self._put(text, _BESIDE + start + at, start + at + 1.0, rows)


def _value(written: str) -> str:
    """The number that digits with separators stand for, empty where they are no number."""
    plain = "".join(str(int(c)) if c.isdecimal() else _SEPARATORS.get(c, "/") for c in written)
    if plain.isdigit():
        return plain
    if _GROUPED.fullmatch(plain):
        return re.sub("[., ]", "", plain)
    match = _DECIMAL.fullmatch(plain)
    return f"{re.sub('[., ]', '', match[1])}.{match[2]}" if match else ""


def _times(value: str, magnitude: int) -> str:
    whole, _, rest = value.partition(".")
    zeros = len(str(magnitude)) - 1
    return f"{whole}{rest[:zeros]:0<{zeros}}" + (f".{rest[zeros:]}" if rest[zeros:] else "")


@cache
def _name_characters() -> dict[str, tuple[int, ...]]:
    """Characters that Chinese spells foreign names with, and the coarse classes of their sounds."""
    from provenance.sketch.name_kernels import COARSE_CLASSES

    return {
        character: tuple(COARSE_CLASSES[c] for c in classes.replace("-", ""))
        for character, classes in rows_of("name_characters.tsv")
    }


@cache
def _name_runs() -> re.Pattern[str]:
    characters = "".join(_name_characters())
    kana = (
        "\N{KATAKANA LETTER SMALL A}-\N{KATAKANA LETTER VO}"
        "\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}"
    )
    return re.compile(f"[{characters}]{{2,}}|[{kana}]{{2,}}")


@lru_cache(maxsize=1 << 16)
def _window_keys(window: str) -> tuple[Row, ...]:
    """Keys of the names that may begin a window."""
    classes = _name_characters()
    rows: dict[int, float] = {}
    skeleton = size = last = 0
    for number, character in enumerate(window, 1):
        for value in classes[character]:
            if value != last:
                skeleton = skeleton << 4 | value
                size += 1
            last = value
        if number > 1 and size >= _NAME:
            rows.setdefault(COARSE << KIND_BITS | skeleton, _COARSENED)
    return tuple(rows.items())


@lru_cache(maxsize=1 << 16)
def _kana_keys(run: str) -> tuple[Row, ...]:
    from anyascii import anyascii

    return name_keys(str(anyascii(run)).lower().replace("-", ""))


def magnitude_tokens(language: str) -> dict[int, int]:
    """Return the token hashes of a language's words for powers of ten."""
    names = gazetteer_of(language)
    return {token: MAGNITUDES[key] for token, key in names.words.items() if key in MAGNITUDES}
