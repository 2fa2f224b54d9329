"""One adapter for each library that makes signatures of 128 slots from texts.

An adapter prepares a batch and returns the work to be timed.  Each library works as its own documentation
recommends for many texts, on one thread, with the settings nearest to 128 slots over word 3-grams:

* daft, gaoya, datatrove and text-dedup cut words themselves.  gaoya has no signature without its index,
  so filling the index is in its time.
* rensa, FastSketchLSH and datasketch want shingles, which are cut with ``str.split``; *given* leaves
  the cutting out of the time.
* minhashlib knows shingles of characters only (three here), stringzilla windows of bytes only (those
  that it chooses itself).

Only ours, text-dedup and datatrove normalize, and of these only ours Arabic.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from provenance.sketch.signatures import sketch_buffers, sketch_texts

PERMUTATIONS = 128
WIDTH = 3
BANDS, ROWS = 16, 8  # of those that cannot do without: any division of 128 costs them the same

Work = Callable[[], object]


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


def load(name: str) -> Any:
    return importlib.import_module(name)


def ours_arrow(batch: Batch) -> Work:
    return lambda: sketch_buffers(batch.data, batch.offsets, keep_shingles=False)


def ours_list(batch: Batch) -> Work:
    texts = batch.texts
    return lambda: sketch_texts(texts, keep_shingles=False)


def daft_arrow(batch: Batch, hash_function: str = "murmurhash3") -> Work:
    daft, pyarrow = load("daft"), load("pyarrow")
    column = daft.Series.from_arrow(pyarrow.array(batch.texts, pyarrow.large_string()))
    return lambda: column.minhash(PERMUTATIONS, WIDTH, hash_function=hash_function)


def daft_list(batch: Batch) -> Work:
    daft, texts = load("daft"), batch.texts
    return lambda: daft.Series.from_pylist(texts).minhash(PERMUTATIONS, WIDTH)


def gaoya(batch: Batch) -> Work:
    index, texts = load("gaoya.minhash").MinHashStringIndex, batch.texts
    words = {"analyzer": "word", "ngram_range": (WIDTH, WIDTH), "lowercase": False}
    filled = index(32, num_bands=BANDS, band_size=ROWS, id_container="vec", **words)
    return lambda: filled.par_bulk_insert_docs(list(range(len(texts))), texts)


def rensa_text(batch: Batch) -> Work:
    rensa, texts = load("rensa"), batch.texts
    sketch = rensa.RMinHash.digest_matrix_from_token_sets
    return lambda: sketch([shingles(text) for text in texts], PERMUTATIONS, 1)


def rensa_shingles(batch: Batch) -> Work:
    rensa = load("rensa")
    given = [shingles(text) for text in batch.texts]
    return lambda: rensa.RMinHash.digest_matrix_from_token_sets(given, PERMUTATIONS, 1)


def fast_text(batch: Batch) -> Work:
    sketch = load("FastSketchLSH").FastSimilaritySketch(size=PERMUTATIONS, seed=1)
    texts = batch.texts
    return lambda: sketch.batch([shingles(text) for text in texts], num_threads=1)


def fast_shingles(batch: Batch) -> Work:
    sketch = load("FastSketchLSH").FastSimilaritySketch(size=PERMUTATIONS, seed=1)
    given = [shingles(text) for text in batch.texts]
    return lambda: sketch.batch(given, num_threads=1)


def datasketch(batch: Batch, hash_function: str = "") -> Work:
    minhash, texts = load("datasketch").MinHash, batch.texts
    chosen = {"hashfunc": getattr(load("xxhash"), hash_function)} if hash_function else {}
    return lambda: minhash.bulk(
        ([shingle.encode() for shingle in shingles(text)] for text in texts),
        num_perm=PERMUTATIONS,
        **chosen,
    )


def text_dedup(batch: Batch) -> Work:
    library, texts = load("text_dedup.minhash"), batch.texts
    prime = (1 << 32) - 5  # with 32 bits and xxh3, the faster of its settings
    random = np.random.RandomState(1)
    settings = {
        "num_perm": PERMUTATIONS,
        "ngram_size": WIDTH,
        "min_length": 0,
        "hashranges": [(at, at + ROWS) for at in range(0, PERMUTATIONS, ROWS)],
        "permutations": [random.randint(1, prime, PERMUTATIONS, np.uint32) for _ in range(2)],
        "hash_func": load("text_dedup.utils").xxh3_32hash,
        "dtype": np.uint32,
        "max_hash": np.uint32(0xFFFFFFFF),
        "modulo_prime": np.uint32(prime),
    }
    return lambda: [library.embed_func(text, at, **settings) for at, text in enumerate(texts)]


def datatrove(batch: Batch) -> Work:
    library, texts = load("datatrove.pipeline.dedup.minhash"), batch.texts
    config = library.MinhashConfig(n_grams=WIDTH, num_buckets=BANDS, hashes_per_bucket=ROWS)
    with tempfile.TemporaryDirectory() as folder:  # it wants one, and writes to it when it is run
        step = library.MinhashDedupSignature(folder, config, language="arb_Arab")
    step.get_shingles("loads the tokenizer")
    return lambda: [step.get_signature(step.get_shingles(text)) for text in texts]


def minhashlib(batch: Batch) -> Work:
    minhash, texts = load("minhashlib").MinHash(num_perm=PERMUTATIONS, k=WIDTH), batch.texts
    return lambda: [minhash.signature(text) for text in texts]


def stringzilla(batch: Batch) -> Work:
    engines = load("stringzillas")
    one = engines.DeviceScope(cpu_cores=1)
    texts = load("stringzilla").Strs(batch.texts)
    fingerprints = engines.Fingerprints(ndim=PERMUTATIONS, capabilities=one)
    return lambda: fingerprints(texts, device=one)


CONTENDERS: Mapping[str, Callable[[Batch], Work]] = {
    "ours, Arrow buffers": ours_arrow,
    "ours, list of strings": ours_list,
    "daft, Arrow": daft_arrow,
    "daft, Arrow, xxhash": partial(daft_arrow, hash_function="xxhash"),
    "daft, list of strings": daft_list,
    "gaoya, index filled": gaoya,
    "rensa, from text": rensa_text,
    "rensa, shingles given": rensa_shingles,
    "FastSketchLSH, from text": fast_text,
    "FastSketchLSH, shingles given": fast_shingles,
    "datasketch, SHA-1": datasketch,
    "datasketch, xxh32": partial(datasketch, hash_function="xxh32_intdigest"),
    "text-dedup, xxh3": text_dedup,
    "datatrove": datatrove,
    "minhashlib, characters": minhashlib,
    "stringzilla, bytes": stringzilla,
}

PACKAGES = (
    "daft",
    "gaoya",
    "rensa",
    "FastSketchLSH",
    "datasketch",
    "xxhash",
    "text-dedup",
    "datatrove",
    "minhashlib",
    "stringzillas-cpus",
)
