"""One pass over a corpus that keeps one copy of each group of reposts.

The text of a document is held only while it is sketched.  Blocks are sketched in threads, whose kernels
release the interpreter; everything that depends on the order of the documents happens in one thread, in
that order, so that the result does not depend on the number of threads.

Memory: for each document some 30 bytes, and its signature (512 bytes in the standard profile) while
signatures are compared; the rest lies on disk, see :mod:`provenance.engine.spilling`.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import attrgetter
from tempfile import TemporaryFile
from typing import Any, Literal, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import Profile
from provenance.engine.joining import CopyFinder, wordless_of
from provenance.engine.threads import Threads
from provenance.model import Article
from provenance.sketch.signatures import Sketches, sketch_texts

__all__ = [
    "Keep",
    "choose_kept",
    "dedupe",
    "find_groups",
]

Keep = Literal["first", "earliest", "longest"]

Item = TypeVar("Item")

_NAMES = tuple(field.name for field in attrs.fields(Article))
_values = attrgetter(*_NAMES)

#: Articles that are sketched, and spooled, at once: about a megabyte.
_BATCH = 256


def dedupe(
    articles: Iterable[Article],
    *,
    keep: Keep = "first",
    profile: Profile | None = None,
    jobs: int | None = None,
) -> Iterator[Article]:
    """Yield one article of each repost group, in input order.

    The articles are gone through twice.  Those of an iterator, which can be had only once, are put
    aside in a temporary file (pickled) and not held in memory.

    Args:
        articles: The corpus.
        keep: Which member of a group stays: the first in the input, the one with the earliest
            `published`, or the one with the longest text; ties go to the first.
        profile: Settings; ``profile.verify.whole`` is the overlap from which two texts are copies.
        jobs: Threads; one more than there are cores where left out.
    """
    settings = profile or Profile()
    lengths: list[int] = []
    published: list[str] = []
    with _repeatable(articles) as batches, Threads(jobs) as threads:

        def texts() -> Iterator[list[str]]:
            for batch in batches():
                if keep == "longest":
                    lengths.extend(len(article.text) for article in batch)
                if keep == "earliest":
                    published.extend(article.published for article in batch)
                yield [article.text for article in batch]

        groups = _groups(texts(), settings, threads)
        kept = choose_kept(groups, keep, lengths=lengths, published=published)
        number = 0
        for batch in batches():
            for article in batch:
                if kept[number] == number:
                    yield article
                number += 1


def find_groups(
    texts: Sequence[str], *, profile: Profile | None = None, jobs: int | None = None
) -> list[int]:
    """Return for every text the number of the first text of its repost group.

    Two texts are in one group if a chain of verified pairs ties them, in each of which both texts
    hold at least ``profile.verify.whole`` of the other's shingles.  Texts of fewer words than
    ``profile.verify.exact_below`` are grouped only if their words are the same after folding; texts
    without words only if they are the same, character by character, and not blank.
    """
    with Threads(jobs) as threads:
        groups: list[int] = _groups(_sliced(texts), profile or Profile(), threads).tolist()
    return groups


def choose_kept(
    groups: NDArray[np.int64],
    keep: Keep,
    *,
    lengths: Sequence[int] | NDArray[np.int64] = (),
    published: Sequence[str] = (),
    known: int = 0,
) -> NDArray[np.int64]:
    """Return for every text the number of the text that stays of its group.

    Args:
        groups: int64[N], the number of the first text of each text's group.
        keep: The rule, as in :func:`dedupe`.
        lengths: Code points of each text, for ``longest``.
        published: Date of each text, empty if unknown, for ``earliest``.
        known: So many texts at the beginning are held elsewhere: what is a copy of one of them goes,
            whatever the rule.
    """
    if keep == "first":
        return groups
    shared = np.bincount(groups, minlength=groups.size)[groups] > 1
    numbers = np.flatnonzero(shared & (groups >= known))
    if keep == "longest":
        ranks = -np.asarray(lengths, np.int64)[numbers]
    else:
        dates = [published[number] for number in numbers.tolist()]
        known_first = sorted(set(dates), key=lambda date: (not date, date))
        places = {date: place for place, date in enumerate(known_first)}
        ranks = np.array([places[date] for date in dates], np.int64)
    order = np.lexsort((numbers, ranks, groups[numbers]))
    numbers = numbers[order]
    of_group = groups[numbers]
    best = np.ones(numbers.size, np.bool_)
    np.not_equal(of_group[1:], of_group[:-1], out=best[1:])
    kept = np.arange(groups.size)
    kept[of_group[best]] = numbers[best]
    result: NDArray[np.int64] = kept[groups]
    return result


def _groups(
    batches: Iterable[Sequence[str]], profile: Profile, threads: Threads
) -> NDArray[np.int64]:
    def sketch(texts: Sequence[str]) -> tuple[Sketches, Mapping[int, bytes]]:
        sketches = sketch_texts(texts, profile.sketch)
        return sketches, wordless_of(sketches, texts.__getitem__)

    with CopyFinder(profile, threads) as finder:
        for sketches, wordless in threads.in_order(sketch, batches):
            finder.add(sketches, wordless)
        return finder.groups()


def _sliced(items: Iterable[Item]) -> Iterator[list[Item]]:
    batch: list[Item] = []
    for item in items:
        batch.append(item)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


@contextmanager
def _repeatable(
    articles: Iterable[Article],
) -> Iterator[Callable[[], Iterator[list[Article]]]]:
    """Give a function that yields the articles in batches, when it is called first and once again."""
    if isinstance(articles, Sequence):
        yield lambda: _sliced(articles)
        return
    with TemporaryFile() as spool:

        def first() -> Iterator[list[Article]]:
            for batch in _sliced(articles):
                pickle.dump(_flattened(batch), spool, pickle.HIGHEST_PROTOCOL)
                yield batch

        def again() -> Iterator[list[Article]]:
            end = spool.tell()
            spool.seek(0)
            while spool.tell() < end:
                yield _restored(pickle.load(spool))

        passes = iter((first, again))

        def batches() -> Iterator[list[Article]]:
            return next(passes)()

        yield batches


def _flattened(articles: list[Article]) -> list[Any]:
    """Articles as tuples, which are pickled several times faster; what is more than one stays it."""
    return [_values(article) if type(article) is Article else article for article in articles]


def _restored(values: list[Any]) -> list[Article]:
    return [
        Article(**dict(zip(_NAMES, value, strict=True))) if type(value) is tuple else value
        for value in values
    ]
