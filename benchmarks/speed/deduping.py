"""``provenance dedupe`` from file to file, against polars reading the same file, in one run.

    python benchmarks/speed/deduping.py articles.jsonl [--repeat 5] [--jobs 3]

The file is the output of ``benchmarks/scale/generate.py`` or any JSON Lines with ``text``.  Contenders
take turns, each in a process of its own, and medians are printed:

* polars, ``read_ndjson`` of the file with all its columns: the call alone.
* polars, the same, dropping nothing but the text column being parsed.
* the bytes of the file read, and the file copied and flushed to the disk: less cannot be done.
* ours, the work: what the summary states (reading, joining, verifying, writing to the disk).
* ours, the process: from start to exit, imports included.

Then the first run after installing (an empty cache of compiled code) and later ones, on 100 articles.
``--small`` leaves the large file out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

_ALL = """
import sys, time
import polars
begun = time.perf_counter()
frame = polars.read_ndjson(sys.argv[1])
print(time.perf_counter() - begun, frame.height)
"""
_TEXT = _ALL.replace("sys.argv[1])", "sys.argv[1], schema={'text': polars.String})")


def run_polars(program: str, path: Path) -> float:
    command = [sys.executable, "-c", program, str(path)]
    spent, _rows = subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.split()
    return float(spent)


def read_bytes(path: Path) -> float:
    begun = time.perf_counter()
    buffer = bytearray(1 << 20)
    with path.open("rb", buffering=0) as stream:
        while stream.readinto(buffer):
            pass
    return time.perf_counter() - begun


def copy_bytes(path: Path, out: Path) -> float:
    begun = time.perf_counter()
    shutil.copyfile(path, out)
    with out.open("rb+") as stream:
        os.fsync(stream.fileno())
    return time.perf_counter() - begun


def run_dedupe(path: Path, out: Path, jobs: int, **environment: str) -> tuple[float, dict]:
    """Return seconds of the process and the summary."""
    command = [sys.executable, "-m", "provenance", "dedupe", path, "-o", out]
    command += ["--json", "--jobs", jobs]
    begun = time.perf_counter()
    done = subprocess.run(
        list(map(str, command)),
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    return time.perf_counter() - begun, json.loads(done.stdout)


def compare(path: Path, out: Path, jobs: int, repeat: int) -> None:
    times: dict[str, list[float]] = {}
    stages: dict[str, list[float]] = {}
    count = 0
    for _ in range(repeat):
        times.setdefault("polars, all columns", []).append(run_polars(_ALL, path))
        wall, summary = run_dedupe(path, out, jobs)
        count = summary["articles"]
        times.setdefault("ours, the work", []).append(sum(summary["seconds"].values()))
        times.setdefault("ours, the process", []).append(wall)
        for stage, seconds in summary["seconds"].items():
            stages.setdefault(stage, []).append(seconds)
        times.setdefault("polars, the text alone", []).append(run_polars(_TEXT, path))
        times.setdefault("reading the bytes", []).append(read_bytes(path))
        times.setdefault("copying the file to the disk", []).append(copy_bytes(path, out))
    size = path.stat().st_size
    print(f"{count:,} articles, {size / 1e6:,.0f} MB, {jobs} threads, medians of {repeat}")
    print(f"kept {summary['kept']:,}\n")
    print("| | s | us an article | MB/s | times polars | in each turn |")
    print("| --- | --- | --- | --- | --- | --- |")
    base = times["polars, all columns"]
    for name, values in times.items():
        median = statistics.median(values)
        ratios = " ".join(f"{a / b:.2f}" for a, b in zip(values, base, strict=True))
        print(
            f"| {name} | {median:.2f} | {median / count * 1e6:.2f} | {size / median / 1e6:,.0f} "
            f"| {median / statistics.median(base):.2f} | {ratios} |"
        )
    print()
    for stage, values in stages.items():
        print(f"{stage:10} {statistics.median(values) / count * 1e6:6.2f} us an article")


def start(path: Path, out: Path, jobs: int, repeat: int) -> None:
    """Time the first run after installing, and later ones."""
    small = out.with_name("small.jsonl")
    with path.open("rb") as lines:
        small.write_bytes(b"".join(islice(lines, 100)))
    with tempfile.TemporaryDirectory() as cache:
        first, _ = run_dedupe(small, out, jobs, NUMBA_CACHE_DIR=cache)
        later = [run_dedupe(small, out, jobs, NUMBA_CACHE_DIR=cache)[0] for _ in range(repeat)]
    print(f"\n100 articles: first run {first:.1f} s, later runs {statistics.median(later):.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=3)
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.jsonl"
        if not options.small:
            compare(options.articles, out, options.jobs, options.repeat)
        start(options.articles, out, options.jobs, options.repeat)


if __name__ == "__main__":
    main()
