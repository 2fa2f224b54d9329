"""What distinct words gave, remembered for the process.

A word of a language means the same in every text, and the news of the day holds few new words.  Rows
are only ever added to a memory, so whoever holds one reads it without waiting; one that has grown too
large is replaced, and lives on with those who still read it.
"""

from __future__ import annotations

import threading
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from provenance.sketch._anchor_words import Keyed
from provenance.sketch.gazetteer import COARSE, KIND_BITS

__all__ = ["Memory", "WordRows", "current_memory"]

#: Words from which a memory is replaced at the next call, about 250 bytes each.
_REMEMBERED: Final = 1 << 18

Ints = npt.NDArray[np.int64]


@attrs.frozen(kw_only=True, eq=False)
class WordRows:
    """Keys of W words in R rows.

    Attributes:
        sizes: int64[W], rows of each word.
        keys: uint64[R].
        factors: float32[R], how surely the word means the key.
        openers: uint64[W], token with which it may begin a name of several words, 0 for none.
        digits: bool[W], whether it is a number in digits.
        magnitudes: int64[W], the power of ten that it means, else 0.
    """

    sizes: Ints
    keys: npt.NDArray[np.uint64]
    factors: npt.NDArray[np.float32]
    openers: npt.NDArray[np.uint64]
    digits: npt.NDArray[np.bool_]
    magnitudes: Ints


class _Column:
    """An array that grows at its end; what was read of it stays valid."""

    def __init__(self, kind: type[np.generic]) -> None:
        self._values: npt.NDArray[Any] = np.empty(1 << 10, kind)
        self.size = 0

    def add(self, values: npt.NDArray[Any]) -> None:
        end = self.size + len(values)
        if end > len(self._values):
            grown = np.empty(2 * end, self._values.dtype)
            grown[: self.size] = self._values[: self.size]
            self._values = grown
        self._values[self.size : end] = values
        self.size = end

    def all(self) -> npt.NDArray[Any]:
        return self._values[: self.size]


class Memory:
    """Rows of words by their hashes."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._adding = threading.Lock()
        # For each word the row after its last, and the one after its last that is not coarse.
        self._ends, self._plain, self._magnitudes = (_Column(np.int64) for _ in range(3))
        self._openers, self._digits = _Column(np.uint64), _Column(np.bool_)
        self._keys, self._factors = _Column(np.uint64), _Column(np.float32)
        self._ends.add(np.zeros(1, np.int64))

    def __len__(self) -> int:
        return len(self._numbers)

    def numbers(self, hashes: npt.NDArray[np.uint64]) -> Ints:
        """Return the number of each word, -1 for one that is not known."""
        known = self._numbers.get
        return np.array([known(word, -1) for word in hashes.tolist()], np.int64)

    def add(
        self,
        hashes: npt.NDArray[np.uint64],
        keyed: Keyed,
        digits: npt.NDArray[np.bool_],
        magnitudes: Ints,
    ) -> Ints:
        """Remember words; return their numbers."""
        coarse = keyed.keys >> np.uint64(KIND_BITS) == COARSE
        order = np.lexsort((coarse, keyed.owners))
        counts = np.bincount(keyed.owners, minlength=len(hashes))
        plain = np.bincount(keyed.owners[~coarse], minlength=len(hashes))
        with self._adding:
            first = self._magnitudes.size
            ends = self._keys.size + np.cumsum(counts)
            self._plain.add(ends - counts + plain)
            self._ends.add(ends)
            self._keys.add(keyed.keys[order])
            self._factors.add(keyed.factors[order])
            self._openers.add(keyed.openers)
            self._digits.add(digits)
            self._magnitudes.add(magnitudes)
            self._numbers.update(
                zip(hashes.tolist(), range(first, first + len(hashes)), strict=True)
            )
        return np.arange(first, first + len(hashes))

    def rows(self, numbers: Ints, *, coarse: bool) -> WordRows:
        """Return the rows of words by their numbers, those in coarse classes if they are wanted."""
        ends = self._ends.all()
        first = ends[numbers]
        sizes = (ends[numbers + 1] if coarse else self._plain.all()[numbers]) - first
        before = np.cumsum(sizes) - sizes
        rows = np.repeat(first - before, sizes) + np.arange(sizes.sum())
        return WordRows(
            sizes=sizes,
            keys=self._keys.all()[rows],
            factors=self._factors.all()[rows],
            openers=self._openers.all()[numbers],
            digits=self._digits.all()[numbers],
            magnitudes=self._magnitudes.all()[numbers],
        )


_memory = Memory()
_replacing = threading.Lock()


def current_memory() -> Memory:
    """Return the memory to read and add to, an empty one if the last has grown too large."""
    global _memory  # noqa: PLW0603
    with _replacing:
        if len(_memory) > _REMEMBERED:
            _memory = Memory()
        return _memory
