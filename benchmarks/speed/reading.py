"""What reading by columns costs, stage by stage, and what reading record by record costs.

    python benchmarks/speed/reading.py articles.jsonl [more.parquet ...] [--repeat 5]

CPU microseconds for a record, of all threads together, the best of several runs over the whole file, and the bytes
of an uncompressed record.  ``bytes`` is reading, decompressing and, for JSON Lines, finding the line
ends; tables and texts are also parsed there.  ``columns`` is everything from there to texts in one
buffer; ``names`` looks for identifiers read before.  ``records`` is the road of objects.

For JSON Lines the parts of ``columns`` follow, each on blocks that are in the cache already, so that
they add up to less.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from provenance.ingest.blocks import Block, Buffers, read_blocks
from provenance.ingest.columns import ColumnReader
from provenance.ingest.json_columns import _LONG
from provenance.ingest.kernels import find_line_ends
from provenance.ingest.literals import lift_texts, unescape_literals
from provenance.ingest.reading import Reject, read_records
from provenance.ingest.sources import Source, expand_inputs, open_source

#: Blocks that the parts are measured on.
_BLOCKS = 8


class Line(msgspec.Struct, gc=False):  # type: ignore[call-arg,misc]
    text: msgspec.Raw
    id: str | int | None = None
    title: str | None = None
    byline: str | None = None
    publisher: str | None = None
    url: str | None = None
    published: str | None = None
    fetched: str | None = None
    language: str | None = None


def measure_stages(source: Source) -> tuple[int, dict[str, float]]:
    """Read a file once; return its records and the seconds of each stage."""
    seconds = dict.fromkeys(("bytes", "columns", "names"), 0.0)
    records = size = 0
    reader = ColumnReader([source])
    parts = reader.parts()
    while True:
        begun = time.process_time()
        part = next(parts, None)
        read = time.process_time()
        seconds["bytes"] += read - begun
        if part is None:
            return records, {**seconds, "size": size}
        block = part.columns()
        parsed = time.process_time()
        reader.admit(block)
        seconds["columns"] += parsed - read
        seconds["names"] += time.process_time() - parsed
        records += block.records
        size += int((block.stops - block.starts).sum())


def measure_records(source: Source) -> float:
    rejects: list[Reject] = []
    begun = time.process_time()
    for _record in read_records([source.name], on_reject=rejects.append):
        pass
    return time.process_time() - begun


def kernels_of(block: Block) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Give the parts of parsing one block, each ready to be run alone."""
    data, ends = block.data, block.ends
    key = np.frombuffer(b'"text"', np.uint8)
    short = np.empty(data.size, np.uint8)
    short_ends, spans = np.empty_like(ends), np.empty((ends.size, 2), np.int64)

    def lift() -> None:
        lift_texts(data, 0, ends, key, _LONG, short, short_ends, spans)

    lift()
    view = short.data
    decode = msgspec.json.Decoder(Line).decode
    bounds = [0, *short_ends.tolist()]
    lines = [decode(view[a:b]) for a, b in pairwise(bounds)]
    literals = [line.text for line in lines]
    joined = np.frombuffer(b"".join(literals), np.uint8)
    places = np.cumsum([0, *map(len, map(memoryview, literals))])
    texts, offsets = np.empty(data.size + 64, np.uint8), np.empty_like(places)
    yield "line ends", lambda: find_line_ends(data, np.empty(ends.size + 1, np.int64))
    yield "UTF-8, lifting texts", lift
    yield "msgspec", lambda: [decode(view[a:b]) for a, b in pairwise(bounds)]
    yield "join", lambda: b"".join([line.text for line in lines])
    yield "unescape", lambda: unescape_literals(joined, places, data, spans, texts, offsets)


def measure_kernels(source: Source, repeat: int) -> dict[str, float]:
    """Return the microseconds a line of each part."""
    with open_source(source) as opened:
        blocks = list(islice(read_blocks(opened.stream, Buffers()), _BLOCKS))
    best: dict[str, float] = {}
    for block in blocks:
        for name, run in kernels_of(block):
            taken = []
            for _ in range(10 * repeat):  # a block takes a millisecond, less than a time slice
                begun = time.perf_counter()
                run()
                taken.append(time.perf_counter() - begun)
            best[name] = best.get(name, 0) + min(taken)
    lines = sum(block.ends.size for block in blocks)
    return {name: seconds / lines * 1e6 for name, seconds in best.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    columns = ("bytes", "columns", "names")
    print(f"{'':24}{'KB':>7}" + "".join(f"{name:>9}" for name in (*columns, "sum", "records")))
    for source in expand_inputs(options.files):
        runs = [measure_stages(source) for _ in range(options.repeat)]
        records, kilobytes = runs[0][0], runs[0][1]["size"] / runs[0][0] / 1e3
        best = [min(run[name] for _, run in runs) / records * 1e6 for name in columns]
        objects = measure_records(source) / records * 1e6
        figures = "".join(f"{figure:9.2f}" for figure in (*best, sum(best), objects))
        print(f"{Path(source.name).name:24}{kilobytes or float('nan'):7.2f}{figures}", flush=True)
    for source in expand_inputs(options.files):
        if source.format == "jsonl":
            print(f"\n{Path(source.name).name}")
            for name, figure in measure_kernels(source, options.repeat).items():
                print(f"    {name:20}{figure:7.2f}")


if __name__ == "__main__":
    main()
