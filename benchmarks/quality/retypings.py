"""Likeness of articles to themselves, typed again in fifteen ways.

    python benchmarks/quality/retypings.py [DATA]

DATA is the evaluation folder (default: the environment variable PROVENANCE_DATA); the Arabic articles
of its ``haystack`` set are used.  For each re-typing the table gives the least and the mean exact
Jaccard similarity of word-3-gram sets, over the articles that the re-typing changes at all; the last two
lines compare each article with one far away in the file, which is about something else.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from pathlib import Path

import numpy as np

from provenance.sketch.signatures import sketch_texts
from provenance.testing.retypings import RETYPINGS

ARTICLES = 500
WORDS = 60  # shorter articles have so few shingles that one is worth several percent


def load(folder: Path) -> list[str]:
    with gzip.open(folder / "haystack" / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = (json.loads(line)["text"] for line in lines)
        long_enough = (text for text in texts if len(text.split()) >= WORDS)
        return [text for text, _ in zip(long_enough, range(ARTICLES), strict=False)]


def likeness(left: list[str], right: list[str]) -> np.ndarray:
    """Return the exact Jaccard similarity of each pair."""
    a, b = sketch_texts(left), sketch_texts(right)
    values = []
    for n in range(len(left)):
        one = np.unique(a.shingles[slice(*a.offsets[n : n + 2])])
        other = np.unique(b.shingles[slice(*b.offsets[n : n + 2])])
        shared = np.intersect1d(one, other, assume_unique=True).size
        values.append(shared / (one.size + other.size - shared))
    return np.array(values)


def main() -> None:
    folder = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PROVENANCE_DATA", "")
    if not folder:
        sys.exit(__doc__)
    texts = load(Path(folder))
    passed = 0
    print(f"{'re-typing':32} {'changed':>8} {'least':>7} {'mean':>7}")
    for name, retype in RETYPINGS.items():
        pairs = [(text, again) for text in texts if (again := retype(text)) != text]
        values = likeness(*map(list, zip(*pairs, strict=True)))
        passed += bool(values.mean() >= 0.95)
        print(f"{name:32} {len(pairs):8} {values.min():7.3f} {values.mean():7.3f}")
    half = len(texts) // 2  # neighbors in the file are often on one event
    unrelated = likeness(texts[:half], texts[half:])
    print(f"{'an unrelated article':32} {half:8} {unrelated.max():7.3f} {unrelated.mean():7.3f}")
    print(f"{passed} of {len(RETYPINGS)} at 0.95 or more on average")


if __name__ == "__main__":
    main()
