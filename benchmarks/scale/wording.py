"""Generated news: articles without meaning whose words follow each other as in real ones.

A model is a stream of real words and, for each word, the places where it stands.  The next word of a
generated text is what follows the present one at one of its places; now and then the text jumps to any
place at all, the sooner the fewer places the word has, so that generated texts share words and pairs of
words as real ones do, and rarely a sentence.

Every draw is a hash of the seed, the article's number and the position: an article is a function of its
number, wherever it stands and whatever is generated beside it, and nothing has to be kept in memory to
write a copy of it a million articles later.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs
import numpy as np
from numpy.typing import NDArray

__all__ = ["Model", "draw_numbers", "generate_words", "learn_words", "read_texts"]

Words = NDArray[np.uint32]

#: Sets with long runs of real Arabic news, if the evaluation data is there.
_SETS = ("reprints", "haystack")

#: Share of the words that are followed by any word at all, however often they were seen: with one in
#: four, a run of real text has at most four words on average.
_JUMP = 0.25

_WORD = re.compile(r"\S+(?:[^\S\n]*\n\s*(?=\S))?")

# SplitMix64: the increment of its counter and the two multipliers of its finalizer.
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_LOWER = np.uint64(0xFFFFFFFF)


@attrs.frozen(kw_only=True, eq=False)
class Model:
    """Real words, and what follows them.

    Attributes:
        vocabulary: The words, punctuation included; one that ended a paragraph ends with line ends.
        stream: uint32[T], the texts learnt from, one after the other, as numbers of words.
        places: uint32[T], positions of the stream sorted by the word that stands there.
        starts: int64[V + 1]; the places of word w are ``places[starts[w]:starts[w + 1]]``.
    """

    vocabulary: tuple[str, ...]
    stream: Words
    places: NDArray[np.uint32]
    starts: NDArray[np.int64]


def read_texts(folder: Path | None, sample: Path) -> Iterator[str]:
    """Yield the texts to learn from: the evaluation data's, or those of a JSON Lines file."""
    if folder is None:
        lines: Iterable[bytes] = sample.read_bytes().splitlines()
        yield from (json.loads(line)["text"] for line in lines)
        return
    for name in _SETS:
        with gzip.open(folder / name / "docs.jsonl.gz") as lines:
            yield from (json.loads(line)["text"] for line in lines)


def learn_words(texts: Iterable[str]) -> Model:
    """Return the model of some texts."""
    numbers: dict[str, int] = {}
    stream = np.fromiter(
        (
            numbers.setdefault(word, len(numbers))
            for text in texts
            for word in map(_tidied, _WORD.findall(text))
        ),
        np.uint32,
    )
    counts = np.bincount(stream, minlength=len(numbers))
    return Model(
        vocabulary=tuple(numbers),
        stream=stream,
        places=np.argsort(stream, kind="stable").astype(np.uint32),
        starts=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
    )


def _tidied(word: str) -> str:
    return f"{word.rstrip()}\n\n" if word[-1].isspace() else word


def draw_numbers(seed: int, *keys: int | NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return one uniform number of 64 bits for each combination of keys, always the same."""
    state = np.full(1, seed, np.uint64)
    for key in keys:
        state = _mixed(state * _SECOND + np.asarray(key).astype(np.uint64))
    return state


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = state + _GOLDEN
    state ^= state >> np.uint64(30)
    state *= _FIRST
    state ^= state >> np.uint64(27)
    state *= _SECOND
    state ^= state >> np.uint64(31)
    return state


def generate_words(
    model: Model, seed: int, numbers: NDArray[np.int64], lengths: NDArray[np.int64]
) -> list[Words]:
    """Return the words of some articles.

    Args:
        model: Where words come from.
        seed: Another seed, other articles.
        numbers: int64[N], which articles.
        lengths: int64[N], words of each; a longer one of the same number begins with the shorter.
    """
    longest_first = np.argsort(-lengths, kind="stable")
    state = draw_numbers(seed, numbers[longest_first])
    active = np.searchsorted(-lengths[longest_first], -np.arange(lengths.max(initial=0)))
    written = np.empty((active.size, numbers.size), np.uint32)
    place = _scaled(state, model.stream.size)
    for position, running in enumerate(active.tolist()):
        state, place = state[:running], place[:running]  # the others have ended
        word = model.stream[place]
        written[position, :running] = word
        state = _mixed(state)
        first = model.starts[word]
        count = model.starts[word + 1] - first
        follower = model.places[first + _scaled(state, count)] + 1
        # A word seen once says nothing about what follows it: there the text always jumps.
        share = (state & _LOWER).astype(np.float64) / _LOWER
        jumps = share < _JUMP + (1 - _JUMP) / count
        place = np.where(jumps, _scaled(state, model.stream.size), follower % model.stream.size)
    by_article = np.ascontiguousarray(written.T)
    texts: list[Words] = [np.empty(0, np.uint32)] * numbers.size
    for row, index in enumerate(longest_first.tolist()):
        texts[index] = by_article[row, : lengths[index]]
    return texts


def _scaled(state: NDArray[np.uint64], size: int | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a number below `size` from the upper half of each draw."""
    upper = (state >> np.uint64(32)).astype(np.int64)
    return (upper * size) >> 32
