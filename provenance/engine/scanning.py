"""The first pass over files: what to remember of an article when its text is gone.

Reading, parsing and sketching overlap: one thread reads and keeps the books, the others parse and
sketch.  Only what the rules of a run ask for is remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import SketchSpec
from provenance.engine.joining import CopyFinder, wordless_of
from provenance.engine.threads import Threads
from provenance.ingest.columns import ColumnReader, Part, TextBlock
from provenance.ingest.reading import Reject
from provenance.ingest.sources import Source
from provenance.model import Article
from provenance.sketch.signatures import Sketches, sketch_buffers, sketch_texts

__all__ = ["Ledger", "Places"]


@attrs.frozen(kw_only=True, eq=False)
class Places:
    """Where the articles of a corpus stand, N of them in S files.

    Attributes:
        sources: The files that have articles, in reading order.
        firsts: int64[S + 1], number of the first article of each, and N.
        starts: int64[N], the byte of the uncompressed file that a record begins at; in Parquet its row,
            from 0.
        stops: int64[N], the byte behind it and its line end; in Parquet the next row.
    """

    sources: tuple[Source, ...]
    firsts: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]


@attrs.frozen(kw_only=True, eq=False)
class _Sketched:
    block: TextBlock
    sketches: Sketches
    wordless: Mapping[int, bytes]
    lengths: NDArray[np.int64] | None


#: Called after each block: articles of it, what was refused, its source, bytes of that done.
OnBlock = Callable[[int, Sequence[Reject], Source, int], None]


class Ledger:
    """What is remembered of the articles of a run.

    Args:
        names: Whether to remember identifiers.
        dates: Whether to remember dates of publication.
        lengths: Whether to remember code points.

    Attributes:
        ids: Identifiers, if asked for.
        published: Dates, if asked for.
        lengths: Code points, if asked for.
    """

    def __init__(self, *, names: bool = False, dates: bool = False, lengths: bool = False) -> None:
        self.ids: list[str] = []
        self.published: list[str] = []
        self._lengths: list[NDArray[np.int64]] = []
        self._names = names
        self._dates = dates
        self._measured = lengths

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Code points of each text."""
        return np.concatenate([np.empty(0, np.int64), *self._lengths])

    def scan(
        self,
        reader: ColumnReader,
        finder: CopyFinder,
        threads: Threads,
        spec: SketchSpec,
        on_block: OnBlock,
    ) -> Places:
        """Read all of `reader`, hand the sketches to `finder`, and return where the articles stand."""

        def sketch(part: Part) -> _Sketched:
            block = part.columns()
            sketches = sketch_buffers(block.data, block.offsets, spec)
            return _Sketched(
                block=block,
                sketches=sketches,
                wordless=wordless_of(sketches, block.text),
                lengths=_code_points(block) if self._measured else None,
            )

        begun = len(finder)
        sources: list[Source] = []
        firsts: list[int] = []
        starts: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        stops: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
        for done in threads.in_order(sketch, reader.parts()):
            block = done.block
            admission = reader.admit(block)
            fresh = admission.fresh
            on_block(int(fresh.sum()), admission.rejects, block.source, _reached(block))
            if not fresh.any():
                continue
            if not sources or sources[-1] is not block.source:
                sources.append(block.source)
                firsts.append(len(finder) - begun)
            sketches, wordless = done.sketches, done.wordless
            if not fresh.all():
                sketches, wordless = _chosen(sketches, wordless, fresh)
            finder.add(sketches, wordless)
            rows = block.source.format == "parquet"
            starts.append((block.lines - 1 if rows else block.starts)[fresh])
            stops.append((block.lines if rows else block.stops)[fresh])
            chosen = np.flatnonzero(fresh).tolist()
            if self._names:
                self.ids.extend(admission.ids[number] for number in chosen)
            if block.published is not None and self._dates:
                self.published.extend(block.published[number] for number in chosen)
            if done.lengths is not None:
                self._lengths.append(done.lengths[fresh])
        return Places(
            sources=tuple(sources),
            firsts=np.array([*firsts, len(finder) - begun], np.int64),
            starts=np.concatenate(starts),
            stops=np.concatenate(stops),
        )

    def take(self, articles: Sequence[Article], finder: CopyFinder, spec: SketchSpec) -> None:
        """Remember articles that are at hand, and hand their sketches to `finder`."""
        texts = [article.text for article in articles]
        sketches = sketch_texts(texts, spec)
        finder.add(sketches, wordless_of(sketches, texts.__getitem__))
        if self._names:
            self.ids.extend(article.id for article in articles)
        if self._dates:
            self.published.extend(article.published for article in articles)
        if self._measured:
            self._lengths.append(np.array([len(text) for text in texts], np.int64))


def _reached(block: TextBlock) -> int:
    return int(block.stops[-1]) if len(block) else 0


def _code_points(block: TextBlock) -> NDArray[np.int64]:
    """Count the bytes that begin a code point: all but ``10xxxxxx``."""
    begins = (block.data[: block.offsets[-1]] & 0xC0) != 0x80
    counted = np.concatenate([np.zeros(1, np.int64), np.cumsum(begins)])
    sizes: NDArray[np.int64] = np.diff(counted[block.offsets])
    return sizes


def _chosen(
    sketches: Sketches, wordless: Mapping[int, bytes], fresh: NDArray[np.bool_]
) -> tuple[Sketches, Mapping[int, bytes]]:
    counts = np.diff(sketches.offsets)
    places = np.cumsum(fresh) - 1
    chosen = attrs.evolve(
        sketches,
        signatures=sketches.signatures[fresh],
        shingles=sketches.shingles[np.repeat(fresh, counts)],
        offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts[fresh])]),
    )
    return chosen, {int(places[old]): value for old, value in wordless.items() if fresh[old]}
