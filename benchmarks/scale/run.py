"""Deduplicate generated corpora of growing size: time, memory, recall by kind of copy, precision.

    python benchmarks/scale/run.py WORK [--sizes 10000 100000 1000000] [--repeat 3]

WORK is a folder for the corpora, which are made where they are not there (3 GB for a million articles)
and kept.  Every run is a process of its own, whose peak memory the system tells.

Tables: cost and memory by size; one cluster of 10,000 near-copies among 100,000 articles; what was
found of the planted copies, by kind, and by overlap where copies are asked for that share less; copies
of 300 words with one edit each.

A planted copy is *due* if each of both texts holds as much of the other as was asked for, counted on
the words as they were written.  It is *found* if it stands in one group with its original.  A removed
article is *wrong* if it does not descend from the original that the one kept descends from.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import orjson
from edits import KINDS
from generate import Corpus, learn_model, write_corpus
from wording import generate_words

#: What overlap to ask for so that planted pairs of a Jaccard similarity are due: a little less than
#: ``2 J / (1 + J)``, the overlap of two texts of one length.
_ASKED = {0.8: 0.8, 0.5: 0.63, 0.3: 0.44}

#: Planted similarity is met up to the rounding of a text's shingles.
_TOLERANCE = 0.02

_EDITS = ("dateline", "inserted", "tail_cut", "replaced_1", "moved")
_EDITED = 100
_WORDS = 300


@attrs.frozen(kw_only=True)
class Run:
    """What a process did.

    Attributes:
        wall: Seconds from start to exit.
        work: Seconds that the summary states.
        memory: Most bytes it held.
        summary: As printed.
    """

    wall: float
    work: float
    memory: int
    summary: dict[str, Any]


def corpus_in(folder: Path, corpus: Corpus) -> tuple[Path, Path]:
    """Return the paths of a corpus and its truth, made if they are not there."""
    name = f"{corpus.articles}" + (f"+{corpus.cluster}" if corpus.cluster else "")
    articles, truth = folder / f"{name}.jsonl", folder / f"{name}.tsv"
    if not truth.exists():
        with articles.open("wb") as lines, truth.with_suffix(".part").open("w") as rows:
            write_corpus(corpus, learn_model(None), lines, rows)
        truth.with_suffix(".part").rename(truth)
    return articles, truth


def started(*arguments: object) -> tuple[float, int, bytes]:
    """Run Python and return its seconds, its peak memory in bytes, and what it printed."""
    begun = time.perf_counter()
    command = [sys.executable, *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    scale = 1 if sys.platform == "darwin" else 1024
    return time.perf_counter() - begun, usage.ru_maxrss * scale, printed


def deduplicate(articles: Path, out: Path, *options: object) -> Run:
    command = ("-m", "provenance", "dedupe", articles, "-o", out, "--json")
    wall, memory, printed = started(*command, *options)
    summary = json.loads(printed)
    return Run(wall=wall, work=sum(summary["seconds"].values()), memory=memory, summary=summary)


def median(runs: Sequence[Run], value: Callable[[Run], float]) -> float:
    return statistics.median(map(value, runs))


def report_sizes(folder: Path, sizes: Sequence[int], repeat: int) -> None:
    print("| articles | us an article, work | wall s | peak MB | bytes an article above Python |")
    print("| --- | --- | --- | --- | --- |")
    interpreter = started("-c", "pass")[1]
    for size in sizes:
        articles, _ = corpus_in(folder, Corpus(articles=size))
        runs = [deduplicate(articles, folder / "out.jsonl") for _ in range(repeat)]
        memory = median(runs, lambda run: run.memory)
        print(
            f"| {size:,} | {median(runs, lambda run: run.work) / size * 1e6:.2f} "
            f"| {median(runs, lambda run: run.wall):.2f} | {memory / 1e6:.0f} "
            f"| {(memory - interpreter) / size:,.0f} |"
        )
        stages = runs[0].summary["seconds"]
        print(
            "|",
            ", ".join(
                f"{stage} {median(runs, lambda run, s=stage: run.summary['seconds'][s]) / size * 1e6:.2f}"
                for stage in stages
            ),
            "| | | |",
        )


def report_cluster(folder: Path, articles: int, cluster: int, repeat: int) -> None:
    plain, _ = corpus_in(folder, Corpus(articles=articles))
    hot, _ = corpus_in(folder, Corpus(articles=articles, cluster=cluster))
    pairs = [
        (deduplicate(plain, folder / "out.jsonl"), deduplicate(hot, folder / "out.jsonl"))
        for _ in range(repeat)
    ]
    ratios = [two.work / one.work for one, two in pairs]
    print(
        f"\n{articles:,} articles and {cluster:,} copies of one: "
        f"{statistics.median(ratios):.2f} times the work of the articles alone "
        f"({', '.join(f'{ratio:.2f}' for ratio in ratios)}); "
        f"{(articles + cluster) / articles:.2f} times as many articles"
    )
    print(f"largest group {max(group['most'] for group in pairs[0][1].summary['groups']):,}")


@attrs.frozen(kw_only=True)
class Planted:
    """A copy, and what it shares with its original."""

    copy: str
    original: str
    kind: str
    jaccard: float
    mutual: float


def read_truth(path: Path) -> list[Planted]:
    planted = []
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            jaccard, smaller = float(row["jaccard"]), float(row["containment"])
            # Of two sets with s in common: s / J = a + b - s, s / C = min(a, b), wanted s / max(a, b).
            mutual = 1 / (1 / jaccard + 1 - 1 / smaller) if jaccard else 0.0
            planted.append(
                Planted(
                    copy=row["copy"],
                    original=row["original"],
                    kind=row["kind"],
                    jaccard=jaccard,
                    mutual=mutual,
                )
            )
    return planted


def groups_of(articles: Path, out: Path, overlap: float) -> tuple[dict[str, str], Run]:
    """Return the group of each article, by the identifier of the one kept."""
    run = deduplicate(articles, out, "--annotate", "--min-overlap", overlap)
    with out.open("rb") as lines:
        records = map(orjson.loads, lines)
        return {record["id"]: record["_prov"]["group"] for record in records}, run


def report_recall(folder: Path, size: int) -> None:
    articles, truth = corpus_in(folder, Corpus(articles=size))
    planted = read_truth(truth)
    origin = {row.copy: row.original for row in planted}
    for jaccard, overlap in _ASKED.items():
        groups, run = groups_of(articles, folder / "out.jsonl", overlap)
        due = [row for row in planted if row.mutual >= overlap]
        found = Counter(row.kind for row in due if groups[row.copy] == groups[row.original])
        total = Counter(row.kind for row in due)
        wrong = sum(
            origin.get(member, member) != origin.get(kept, kept) for member, kept in groups.items()
        )
        print(
            f"\n--min-overlap {overlap}: {len(due):,} planted copies are due, "
            f"{found.total() / len(due):.4f} found; {run.summary['removed']:,} removed, {wrong} wrong"
        )
        near = [row for row in due if abs(row.jaccard - jaccard) <= _TOLERANCE]
        if near:
            hit = sum(groups[row.copy] == groups[row.original] for row in near)
            print(f"of {len(near):,} at Jaccard {jaccard} +- {_TOLERANCE}: {hit / len(near):.4f}")
        print("| kind | due | found |\n| --- | --- | --- |")
        for kind in sorted(total):
            print(f"| {kind} | {total[kind]:,} | {found[kind] / total[kind]:.4f} |")


def report_edits() -> None:
    """Copies of 300 words, one edit each."""
    from provenance.engine.deduping import find_groups

    model = learn_model(None)
    numbers = np.arange(2 * _EDITED)
    words = generate_words(model, 7, numbers, np.full(numbers.size, _WORDS + 50))
    print(f"\n| edit of {_WORDS} words | found of {_EDITED} |\n| --- | --- |")
    for name in _EDITS:
        texts: list[str] = []
        for number in range(_EDITED):
            original, fresh = words[number][:_WORDS], words[_EDITED + number]
            generator = np.random.default_rng([7, number])
            texts += [spelled(model, original)]
            texts += [spelled(model, KINDS[name].edit(original, fresh, generator))]
        order = random.Random(1).sample(range(len(texts)), len(texts))
        groups = dict(zip(order, find_groups([texts[place] for place in order]), strict=True))
        found = sum(groups[2 * n] == groups[2 * n + 1] for n in range(_EDITED))
        assert len(set(groups.values())) == 2 * _EDITED - found
        print(f"| {name} | {found} |")


def spelled(model: Any, numbers: Iterable[int]) -> str:
    return " ".join(model.vocabulary[number] for number in numbers)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--recall", type=int, default=100_000)
    parser.add_argument("--cluster", type=int, default=10_000)
    options = parser.parse_args()
    options.work.mkdir(exist_ok=True)
    if options.sizes:
        report_sizes(options.work, options.sizes, options.repeat)
    if options.cluster:
        report_cluster(options.work, 10 * options.cluster, options.cluster, options.repeat)
    if options.recall:
        report_recall(options.work, options.recall)
        report_edits()


if __name__ == "__main__":
    main()
