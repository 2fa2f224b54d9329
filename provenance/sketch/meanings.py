"""What words mean, in numbers that every language shares.

The keywords of emoji, which the Unicode Consortium keeps in a hundred languages, are a dictionary of the
world's common things: fire, ship, ballot, vaccine.  ``data/meanings.tsv`` holds those of 27 languages,
``data/concepts.tsv`` words of the news that no picture stands for.  Words that share a stem with a
keyword share its meanings.

Limits: a word has as many meanings as pictures carry it, and none is chosen; words of more than a dozen
are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import attrs
import numpy as np
import numpy.typing as npt

from provenance.sketch.wording import Wording, wording_of
from provenance.text.columns import columns_of

__all__ = ["Meanings", "meanings_of"]

#: A stem of more meanings has none in particular.
_MOST = 12


@attrs.frozen(kw_only=True, eq=False)
class Meanings:
    """The meanings of V types of words; those of type v are ``numbers[starts[v]:starts[v + 1]]``.

    Attributes:
        starts: int64[V + 1].
        numbers: uint16[R], ascending within a type.
        count: How many meanings there are.
    """

    starts: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.uint16]
    count: int


def meanings_of(wording: Wording, languages: Sequence[str]) -> Meanings:
    """Return what the types of a wording mean.

    Args:
        wording: Stems of texts.
        languages: The language groups of these texts.
    """
    tables = [_meanings(language) for language in sorted(set(languages))]
    keys = np.concatenate([np.empty(0, np.uint64), *(table[0] for table in tables)])
    numbers = np.concatenate([np.empty(0, np.uint16), *(table[1] for table in tables)])
    order = np.lexsort((numbers, keys))
    keys, numbers = keys[order], numbers[order]
    first = np.searchsorted(keys, wording.keys, side="left")
    sizes = np.searchsorted(keys, wording.keys, side="right") - first
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    rows = np.repeat(first - starts[:-1], sizes) + np.arange(starts[-1])
    return Meanings(starts=starts, numbers=numbers[rows], count=sum(map(len, _tables())))


@cache
def _meanings(language: str) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint16]]:
    """Keys of stems and their meanings, in rows."""
    words: list[str] = []
    meanings: list[int] = []
    number = 0
    for rows in _tables():
        for row in rows:
            for word in row.get(language, "").split():
                words.append(word)
                meanings.append(number)
            number += 1
    wording = wording_of(columns_of(words), words, [language] * len(words))
    whole = np.diff(wording.offsets) == 1
    keys = wording.keys[wording.stems[wording.offsets[:-1][whole]]]
    found = np.unique(np.stack([keys, np.array(meanings, np.uint64)[whole]]), axis=1)
    _, place, count = np.unique(found[0], return_inverse=True, return_counts=True)
    few = count[place] <= _MOST
    return found[0, few], found[1, few].astype(np.uint16)


@cache
def _tables() -> tuple[tuple[dict[str, str], ...], ...]:
    """The rows of each table, by language."""
    return tuple(map(_table, ("meanings.tsv", "concepts.tsv")))


def _table(name: str) -> tuple[dict[str, str], ...]:
    text = files("provenance.sketch").joinpath("data", name).read_text(encoding="utf-8")
    _, head, *lines = text.splitlines()
    languages = head.split("\t")
    return tuple(dict(zip(languages, line.split("\t"), strict=True)) for line in lines)
