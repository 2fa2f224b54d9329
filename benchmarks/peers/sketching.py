"""Raw text to a signature of 128 slots over word 3-grams: ours against other people's libraries.

    python benchmarks/peers/sketching.py [DATA] [--rounds N]

Pin it to one core (``taskset -c 1``).  DATA is the evaluation folder (default: the environment variable
PROVENANCE_DATA); without it generated Arabic words serve.  Peers that are not installed are listed as
such: ``pip install daft rensa datasketch``.

All contenders take the same batch of articles of about 4 KB in turn, round after round; the table gives
the median and the best call of each, and the medians as multiples of ours.  Where strings are the input
they are made anew for each call, because CPython keeps the UTF-8 form of a string once somebody asked
for it.

Each peer works as its own documentation recommends for many texts.  Only ours normalizes: the others
cut at blanks (daft) or with ``str.split``, and compare what they find.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from provenance.sketch.signatures import sketch_buffers, sketch_texts

BATCH = 200  # articles: one millisecond of ours, which fits between two interruptions
CALLS = 5  # in a row, so that each contender meets its own data in the cache
PERMUTATIONS = 128
WIDTH = 3

Work = Callable[[], object]


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


def shingles(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[at : at + WIDTH]) for at in range(len(words) - WIDTH + 1)]


class Batch:
    """The articles in the forms that contenders ask for; strings are new on every reading."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        parts = [text.encode() for text in texts]
        self.data = np.frombuffer(b"".join(parts), np.uint8)
        self.offsets = np.cumsum([0, *map(len, parts)])

    @property
    def texts(self) -> list[str]:
        return [text[:1] + text[1:] for text in self._texts]


def ours_arrow(batch: Batch) -> Work:
    return lambda: sketch_buffers(batch.data, batch.offsets, keep_shingles=False)


def ours_list(batch: Batch) -> Work:
    texts = batch.texts
    return lambda: sketch_texts(texts, keep_shingles=False)


def daft_arrow(batch: Batch, hash_function: str = "murmurhash3") -> Work:
    daft, pyarrow = (importlib.import_module(name) for name in ("daft", "pyarrow"))
    column = daft.Series.from_arrow(pyarrow.array(batch.texts, pyarrow.large_string()))
    return lambda: column.minhash(PERMUTATIONS, WIDTH, hash_function=hash_function)


def daft_list(batch: Batch) -> Work:
    daft, texts = importlib.import_module("daft"), batch.texts
    return lambda: daft.Series.from_pylist(texts).minhash(PERMUTATIONS, WIDTH)


def rensa_text(batch: Batch) -> Work:
    rensa, texts = importlib.import_module("rensa"), batch.texts
    sketch = rensa.RMinHash.digest_matrix_from_token_sets
    return lambda: sketch([shingles(text) for text in texts], PERMUTATIONS, 1)


def rensa_shingles(batch: Batch) -> Work:
    rensa = importlib.import_module("rensa")
    given = [shingles(text) for text in batch.texts]
    return lambda: rensa.RMinHash.digest_matrix_from_token_sets(given, PERMUTATIONS, 1)


def datasketch_sha1(batch: Batch) -> Work:
    datasketch, texts = importlib.import_module("datasketch"), batch.texts
    return lambda: datasketch.MinHash.bulk(
        ([shingle.encode() for shingle in shingles(text)] for text in texts),
        num_perm=PERMUTATIONS,
    )


def datasketch_xxhash(batch: Batch) -> Work:
    datasketch, texts = importlib.import_module("datasketch"), batch.texts
    xxh32 = importlib.import_module("xxhash").xxh32_intdigest
    return lambda: datasketch.MinHash.bulk(
        ([shingle.encode() for shingle in shingles(text)] for text in texts),
        num_perm=PERMUTATIONS,
        hashfunc=xxh32,
    )


CONTENDERS: Mapping[str, Callable[[Batch], Work]] = {
    "ours, Arrow buffers": ours_arrow,
    "ours, list of strings": ours_list,
    "daft, Arrow": daft_arrow,
    "daft, Arrow, xxhash": partial(daft_arrow, hash_function="xxhash"),
    "daft, list of strings": daft_list,
    "rensa, from text": rensa_text,
    "rensa, shingles given": rensa_shingles,
    "datasketch, SHA-1": datasketch_sha1,
    "datasketch, xxh32": datasketch_xxhash,
}


def measure(batch: Batch, rounds: int) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Return the microseconds an article of every call, and why contenders did not start."""
    taken: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    absent: dict[str, str] = {}
    for _ in range(rounds):
        for name, prepare in CONTENDERS.items():
            if name in absent:
                continue
            try:
                works = [prepare(batch) for _ in range(CALLS)]
            except ImportError as error:
                absent[name] = str(error)
                continue
            for work in works:
                begin = time.perf_counter()
                work()
                taken[name].append((time.perf_counter() - begin) / BATCH * 1e6)
    return {name: calls for name, calls in taken.items() if calls}, absent


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", nargs="?", default=os.environ.get("PROVENANCE_DATA", ""))
    parser.add_argument("--rounds", type=int, default=12)
    options = parser.parse_args()
    texts = load_articles(options.data)
    taken, absent = measure(Batch(texts), options.rounds)
    arrow, listed = (np.median(taken[name]) for name in list(CONTENDERS)[:2])
    octets = np.mean([len(text.encode()) for text in texts])
    print(
        f"{len(texts)} articles of {octets:,.0f} bytes, {options.rounds} rounds of {CALLS} calls\n"
    )
    print(
        f"{'us an article':24} {'median':>8} {'best':>8} {'x ours, Arrow':>14} {'x ours, list':>13}"
    )
    for name, calls in taken.items():
        middle = np.median(calls)
        ratios = f"{middle / arrow:14.1f} {middle / listed:13.1f}"
        print(f"{name:24} {middle:8.2f} {min(calls):8.2f} {ratios}")
    for name, reason in absent.items():
        print(f"{name:24} not installed: {reason}")


if __name__ == "__main__":
    main()
