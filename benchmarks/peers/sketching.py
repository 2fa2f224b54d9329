"""Raw text to a signature of 128 slots over word 3-grams: ours against other people's libraries.

    python benchmarks/peers/sketching.py [DATA] [--rounds N] [--plot FILE.svg]

Pin it to one core (``taskset -c 1``).  DATA is the evaluation folder (default: the environment variable
PROVENANCE_DATA); without it generated Arabic words serve.  ``contenders.py`` says how each peer is used.
Those that are not installed are listed as such:

    pip install daft gaoya rensa FastSketchLSH datasketch text-dedup datatrove spacy minhashlib \
        stringzilla stringzillas-cpus "xxhash<4" matplotlib

All contenders take the same batch of articles of about 4 KB in turn, round after round; the table gives
the median and the best call of each, and the medians as multiples of ours.  Those that take long get a
tenth of the batch, once a round.  Where strings are the input they are made anew for each call, because
CPython keeps the UTF-8 form of a string once somebody asked for it.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import importlib.metadata
import json
import os
import time
from pathlib import Path

import numpy as np
from contenders import CONTENDERS, PACKAGES, Batch

BATCH = 200  # articles: one millisecond of ours, which fits between two interruptions
CALLS = 5  # in a row, so that each contender meets its own data in the cache
LONG = 0.05  # seconds of a call from which on a contender gets fewer articles


def load_articles(folder: str) -> list[str]:
    """Return articles of 3.8 to 4.6 KB."""
    if folder:
        with gzip.open(Path(folder, "reprints", "docs.jsonl.gz"), "rt", encoding="utf-8") as lines:
            texts = (json.loads(line)["text"] for line in lines)
            fitting = (text for text in texts if 3800 < len(text.encode()) < 4600)
            return [text for text, _ in zip(fitting, range(BATCH), strict=False)]
    stream = np.random.default_rng(1)
    letters = np.array([chr(code) for code in range(0x0627, 0x064B) if not 0x063A < code < 0x0641])
    words = ["".join(stream.choice(letters, stream.integers(2, 8))) for _ in range(4000)]
    return [" ".join(stream.choice(words, 380)) for _ in range(BATCH)]


def measure(texts: list[str], rounds: int) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Return the microseconds an article of every call, and why contenders did not start."""
    taken: dict[str, list[float]] = {}
    absent: dict[str, str] = {}
    whole, tenth = (texts, CALLS), (texts[: BATCH // 10], 1)
    for name, prepare in CONTENDERS.items():  # whatever has to be loaded or compiled
        try:
            work = prepare(Batch(tenth[0]))
            work()
        except ImportError as error:
            absent[name] = str(error)
            continue
        taken[name] = []
    share = dict.fromkeys(taken, whole)
    for _ in range(rounds):
        for name, calls in taken.items():
            some, times = share[name]
            batch = Batch(some)
            for work in [CONTENDERS[name](batch) for _ in range(times)]:
                begin = time.perf_counter()
                work()
                spent = time.perf_counter() - begin
                calls.append(spent / len(some) * 1e6)
                if spent > LONG and share[name] is whole:
                    share[name] = tenth
                    break
    return taken, absent


def table(taken: dict[str, list[float]]) -> str:
    arrow, listed = (np.median(taken[name]) for name in list(CONTENDERS)[:2])
    head = (
        f"{'us an article':30} {'median':>8} {'best':>8} {'x ours, Arrow':>14} {'x ours, list':>13}"
    )
    lines = [head]
    for name, calls in taken.items():
        middle = np.median(calls)
        ratios = f"{middle / arrow:14.1f} {middle / listed:13.1f}"
        lines.append(f"{name:30} {middle:8.2f} {min(calls):8.2f} {ratios}")
    return "\n".join(lines)


def versions() -> str:
    """Return the packages found, with their versions."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{package} not installed")
    return ", ".join(found)


def plot(taken: dict[str, list[float]], path: Path) -> None:
    """Draw the medians as bars, on an axis where each line is ten times the one before."""
    pyplot = importlib.import_module("matplotlib.pyplot")
    names = sorted(taken, key=lambda name: -float(np.median(taken[name])))
    medians = [float(np.median(taken[name])) for name in names]
    colors = ["tab:red" if name.startswith("ours") else "tab:gray" for name in names]
    figure, axes = pyplot.subplots(figsize=(8, 0.35 * len(names) + 1), layout="constrained")
    axes.bar_label(axes.barh(names, medians, color=colors), fmt="{:,.1f}", padding=3)
    axes.set(xscale="log", xlabel="microseconds an article of 4 KB, one core", xmargin=0.12)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", nargs="?", default=os.environ.get("PROVENANCE_DATA", ""))
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the medians: .svg or .png")
    options = parser.parse_args()
    texts = load_articles(options.data)
    octets = np.mean([len(text.encode()) for text in texts])
    taken, absent = measure(texts, options.rounds)
    print(f"{len(texts)} articles of {octets:,.0f} bytes, {options.rounds} rounds of {CALLS} calls")
    print(f"{versions()}\n\n{table(taken)}")
    for name, reason in absent.items():
        print(f"{name:30} not installed: {reason}")
    if options.plot:
        plot(taken, options.plot)


if __name__ == "__main__":
    main()
