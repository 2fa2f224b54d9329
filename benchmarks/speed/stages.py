"""What each step of the verbatim sketch costs, and how long the kernels take to start.

    python benchmarks/speed/stages.py [DATA] [--cold]

Pin it to one core (``taskset -c 1``).  DATA is the evaluation folder (default: the environment variable
PROVENANCE_DATA); without it generated Arabic words serve.  The figures are microseconds an article of
about 4 KB, median and best of many calls over 200 articles.  ``--cold`` also compiles the kernels into an
empty cache, in a process of its own, and starts them again from it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "peers"))
from contenders import Batch
from sketching import BATCH, load_articles

from provenance.config import SketchSpec
from provenance.sketch.signatures import sketch_buffers, sketch_columns, sketch_texts
from provenance.text.columns import columns_of, packed
from provenance.text.folding import fold_tables, fold_text
from provenance.text.kernels import POWERS, fold_utf8, utf16_folder

CALLS = 300
EMOJI = " \N{GRINNING FACE}"  # sends a text the long road

START = """
import time
begin = time.perf_counter()
from provenance.sketch.signatures import sketch_texts
sketch_texts(["one two three four"])
print(f"{time.perf_counter() - begin:.2f}")
"""


def measure(work: Callable[[], object], calls: int = CALLS) -> str:
    taken = []
    for _ in range(calls):
        begin = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begin) / BATCH * 1e6)
    return f"{np.median(taken):9.2f} {min(taken):9.2f}"


def utf16(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    units = np.frombuffer("".join(texts).encode("utf-16")[2:], np.uint16)
    lengths = [len(text.encode("utf-16")) // 2 - 1 for text in texts]
    return units, np.cumsum([0, *lengths])


def stages(texts: list[str]) -> dict[str, Callable[[], object]]:
    batch, columns = Batch(texts), columns_of(texts)
    tables = (*fold_tables(), *POWERS)
    units, limits = utf16(texts)
    odd_units, odd_limits = utf16([text + EMOJI for text in texts])
    room = 2 * columns.tokens.size
    tokens, counts = np.empty(room, np.uint64), np.zeros(BATCH, np.int64)
    starts, ends = np.empty((2, room), np.uint32)
    data, offsets = batch.data, batch.offsets

    def wide(*spans: np.ndarray | None) -> int:
        return utf16_folder()(units, limits, 0, *tables, tokens, *spans, counts)

    def odd() -> int:
        return utf16_folder()(odd_units, odd_limits, 0, *tables, tokens, None, None, counts)

    return {
        "pack strings": lambda: [None for _ in packed(texts)],
        "fold UTF-8": lambda: fold_utf8(data, offsets, 0, *tables, tokens, counts),
        "fold UTF-16": lambda: wide(None, None),
        "fold UTF-16 with spans": lambda: wide(starts, ends),
        "fold UTF-16, long road": odd,
        "sketch of tokens": lambda: sketch_columns(columns, SketchSpec()),
        "whole, from Arrow": lambda: sketch_buffers(data, offsets, keep_shingles=False),
        "  shingles kept": lambda: sketch_buffers(data, offsets),
        "whole, from strings": lambda: sketch_texts(texts, keep_shingles=False),
        "columns, from strings": lambda: columns_of(texts),
    }


def starting() -> None:
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        for name in ("compiled", "from the cache"):
            done = subprocess.run(
                [sys.executable, "-c", START],
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            )
            print(f"first sketch, kernels {name:15} {done.stdout.strip():>6} s, imports included")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", nargs="?", default=os.environ.get("PROVENANCE_DATA", ""))
    parser.add_argument("--cold", action="store_true")
    options = parser.parse_args()
    texts = load_articles(options.data)
    octets = np.mean([len(text.encode()) for text in texts])
    print(f"{len(texts)} articles of {octets:,.0f} bytes\n")
    print(f"{'us an article':26} {'median':>9} {'best':>9}")
    for name, work in stages(texts).items():
        print(f"{name:26} {measure(work)}")
    print(f"{'fold_text, the reference':26} {measure(lambda: [fold_text(t) for t in texts], 3)}")
    if options.cold:
        print()
        starting()


if __name__ == "__main__":
    main()
