"""How well are rewritten articles told from independent reports, formulae and contradictions?

    python benchmarks/quality/rewrites.py [DATA] [--show N] [--seed S]

DATA (or the environment variable PROVENANCE_DATA) is the folder of the evaluation sets.  Versions of one
article are poured into one pool with ``haystack``, language by language; a link from a labeled text to any
text but its versions is false.  Articles are read first, so that furniture is masked.  ``same_story``,
``reprints``, ``revisions`` and ``contradictions`` have tables of their own.  With ``--show N``, N random
links of ``reprints`` that are called rewrites and have little in common word for word are printed.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import SketchSpec
from provenance.engine.crediting import read_article
from provenance.index.candidates import candidate_pairs
from provenance.index.rare import rare_candidates
from provenance.model import Article, ArticleId
from provenance.sketch.signatures import sketch_columns
from provenance.sketch.wording import Wording, wording_of
from provenance.text.columns import Columns, columns_of
from provenance.verify.matching import match_pairs
from provenance.verify.overlap import measure_pairs
from provenance.verify.wording import Tier, WordingScores, score_pairs

VERSIONS = ("retranslations_ar", "retranslations_ntrex", "multiref")

#: Random resamplings of documents behind an interval.
RESAMPLINGS = 1000

#: Days apart of pairs that may be copies, and of pairs that hardly are.
NEAR, FAR = 1, 4

VERBATIM_BANDS = (0.0, 0.15, 0.3, 0.6, 1.01)
PROBABILITY_BANDS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.82, 1.01)
PLACED_BARS = (0.04, 0.05, 0.06, 0.08, 0.1, 0.115, 0.15, 0.2, 0.25)


@attrs.frozen(kw_only=True)
class Pool:
    """Texts of several sets, and what was found among them."""

    records: list[dict[str, str]]
    columns: Columns
    wording: Wording
    pairs: NDArray[np.uint32]
    scores: WordingScores
    numbers: dict[str, int]
    place: dict[tuple[int, int], int]

    def at(self, one: str, other: str) -> int | None:
        """Return where the pair of two identifiers is among the candidates."""
        a, b = sorted((self.numbers[one], self.numbers[other]))
        return self.place.get((a, b))


def main() -> None:
    arguments = sys.argv[1:]
    show = int(option(arguments, "--show", "0"))
    seed = int(option(arguments, "--seed", "1"))
    root = Path(arguments[0] if arguments else os.environ["PROVENANCE_DATA"])
    pool = pool_of(root, (*VERSIONS, "same_story", "haystack"))
    copies = verbatim_links(pool)
    report_versions(root, pool, copies)
    report_same_story(root, pool, copies)
    report_reprints(pool_of(root, ("reprints", "haystack")), show, seed)
    report_revisions(root)
    report_contradictions(root)


def option(arguments: list[str], name: str, default: str) -> str:
    if name not in arguments:
        return default
    place = arguments.index(name)
    value = arguments[place + 1]
    del arguments[place : place + 2]
    return value


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def read(root: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(root / name / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) | {"set": name} for line in lines]


def pool_of(root: Path, names: Sequence[str]) -> Pool:
    records = [record for name in names for record in read(root, name)]
    readings = [
        read_article(
            Article(
                id=ArticleId(str(number)),
                text=record["text"],
                language=record.get("language") or "",
                publisher=record.get("publisher") or "",
            )
        )
        for number, record in enumerate(records)
    ]
    texts = [record["text"] for record in records]
    for record, reading in zip(records, readings, strict=True):
        record["language"] = reading.language
    columns = columns_of(texts, [reading.masks for reading in readings])
    start = time.perf_counter()
    wording = wording_of(columns, texts, [reading.language for reading in readings])
    stemmed = time.perf_counter()
    pairs = rare_candidates(wording)
    joined = time.perf_counter()
    scores = score_pairs(pairs, wording, texts)
    end = time.perf_counter()
    print(
        f"\n{' + '.join(names)}: {len(texts)} texts, {len(pairs)} candidates; seconds: stems "
        f"{stemmed - start:.1f}, candidates {joined - stemmed:.1f}, scores {end - joined:.1f} "
        f"({(end - joined) / len(pairs) * 1e6:.1f} us a pair)"
    )
    return Pool(
        records=records,
        columns=columns,
        wording=wording,
        pairs=pairs,
        scores=scores,
        numbers={record["id"]: number for number, record in enumerate(records)},
        place={(a, b): number for number, (a, b) in enumerate(pairs.tolist())},
    )


def interval(
    groups: Sequence[Sequence[Any]], statistic: Callable[[list[Any]], float] = np.mean
) -> str:
    """Return a statistic of all values, with its 95 % interval over resampled groups."""
    chance = random.Random(1)
    values = sorted(
        statistic([v for group in chance.choices(groups, k=len(groups)) for v in group])
        for _ in range(RESAMPLINGS)
    )
    whole = statistic([value for group in groups for value in group])
    return f"{whole:.4f} [{values[RESAMPLINGS // 40]:.3f}, {values[-RESAMPLINGS // 40]:.3f}]"


def report_versions(root: Path, pool: Pool, copies: set[tuple[int, int]]) -> None:
    labels = {
        row["id"]: (name, row["group"])
        for name in VERSIONS
        for row in rows(root / name / "groups.tsv")
    }
    members: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for record in pool.records:
        if record["id"] in labels:
            language = record["language"].split("-")[0]
            members[(*labels[record["id"]], language)].append(record["id"])
    found: dict[tuple[str, str], list[list[tuple[int, float, bool]]]] = defaultdict(list)
    for (name, _, language), ids in members.items():
        hits = []
        for one, other in combinations(ids, 2):
            number = pool.at(one, other)
            tier = -1 if number is None else int(pool.scores.tiers[number])
            placed = 0.0 if number is None else float(pool.scores.placed[number])
            copied = tuple(sorted((pool.numbers[one], pool.numbers[other]))) in copies
            hits.append((tier, placed, copied))
        if hits:
            found[name, language].append(hits)
    of = [labels.get(record["id"]) for record in pool.records]
    false = [
        number
        for number, (a, b) in enumerate(pool.pairs.tolist())
        if (of[a] or of[b]) and of[a] != of[b]
    ]
    tiers = pool.scores.tiers[false]
    print(
        f"false links: rewrite {(tiers == Tier.REWRITE).sum()}, "
        f"possible {(tiers == Tier.POSSIBLE).sum()}"
    )
    print(
        f"{'set and language':26}{'pairs':>6}{'candidates':>12}  linked{'':19}  called rewrite{'':11}  ... or a copy"
    )
    for (name, language), groups in sorted(found.items()):
        flat = [hit for group in groups for hit in group]
        print(
            f"{name + ' ' + language:26}{len(flat):6}"
            f"{np.mean([hit[0] >= 0 for hit in flat]):12.4f}  "
            f"{interval([[float(hit[0] > 0) for hit in group] for group in groups]):25}  "
            f"{interval([[float(hit[0] > 1) for hit in group] for group in groups]):25}  "
            f"{np.mean([hit[0] > 1 or hit[2] for hit in flat]):.4f}"
        )
    every = [hit for groups in found.values() for group in groups for hit in group]
    print("placed >=   recall   false")
    for bar in PLACED_BARS:
        recall = np.mean([hit[1] >= bar for hit in every])
        print(f"{bar:9}{recall:9.4f}{(pool.scores.placed[false] >= bar).sum():8}")


def report_same_story(root: Path, pool: Pool, copies: set[tuple[int, int]]) -> None:
    held: dict[str, list[list[int]]] = defaultdict(list)
    for row in rows(root / "same_story" / "pairs.tsv"):
        score = float(row["overall"])
        name = "score 3 to 4" if score >= 3 else "score 2 to 3" if score > 2 else "score 1 to 2"
        held[name].append(links(pool, copies, row["a"], row["b"]))
    for row in rows(root / "same_story" / "variants.tsv"):
        held[row["kind"]].append(links(pool, copies, row["a"], row["b"]))
    print("\nsame_story          pairs  rewrite  linked by wording  ... or verbatim")
    for name, pairs in sorted(held.items()):
        table = np.array(pairs)
        print(
            f"{name:20}{len(pairs):5}" + "".join(f"{share:12.4f}" for share in table.mean(axis=0))
        )
    rewritten = [pair for name in ("rewritten", "partial", "near_exact") for pair in held[name]]
    print(f"rewritten, partial, near_exact: {interval([[pair[2]] for pair in rewritten])}")


def links(pool: Pool, copies: set[tuple[int, int]], one: str, other: str) -> list[int]:
    """Return whether a pair is called a rewrite, linked by wording, linked at all."""
    number = pool.at(one, other)
    tier = int(pool.scores.tiers[number]) if number is not None else 0
    a, b = sorted((pool.numbers[one], pool.numbers[other]))
    return [tier == Tier.REWRITE, tier > 0, tier > 0 or (a, b) in copies]


def verbatim_links(pool: Pool) -> set[tuple[int, int]]:
    sketches = sketch_columns(pool.columns, SketchSpec())
    pairs = candidate_pairs(sketches)
    return {(match.a, match.b) for match in match_pairs(pairs, sketches, pool.columns)}


def report_reprints(pool: Pool, show: int, seed: int) -> None:
    days = np.array(
        [
            date.fromisoformat(record["id"][:10]).toordinal() if record["set"] == "reprints" else 0
            for record in pool.records
        ]
    )
    a, b = pool.pairs.T
    inside = (days[a] > 0) & (days[b] > 0)
    apart = np.abs(days[a] - days[b])
    near, far = inside & (apart <= NEAR), inside & (apart >= FAR)
    counts = np.bincount(days[days > 0] - days[days > 0].min())
    by_gap = np.correlate(counts, counts, "full")[counts.size - 1 :].astype(float)
    by_gap[0] = (counts * (counts - 1) / 2).sum()
    ratio = by_gap[: NEAR + 1].sum() / by_gap[FAR:].sum()
    scores = pool.scores
    verbatim = np.maximum(scores.verbatim_a, scores.verbatim_b)

    def chance(chosen: NDArray[np.bool_]) -> str:
        count = (chosen & near).sum()
        share = (chosen & far).sum() * ratio / count if count else float("nan")
        return f"{(chosen & inside).sum():8}{count:8}{(chosen & far).sum():6}{share:8.3f}"

    print(f"time shift: by chance {ratio:.2f} near pairs for each that is {FAR} days apart or more")
    print("verbatim               links    near   far  chance share of the near ones")
    for tier in (Tier.REWRITE, Tier.POSSIBLE):
        for low, high in pairwise(VERBATIM_BANDS):
            chosen = (scores.tiers == tier) & (verbatim >= low) & (verbatim < high)
            print(f"{tier.name.lower():10}{low:.2f} to {min(1, high):.2f}{chance(chosen)}")
    print("probability, verbatim below 0.3")
    for low, high in pairwise(PROBABILITY_BANDS):
        chosen = (scores.tiers > 0) & (verbatim < 0.3)
        chosen &= (scores.probability >= low) & (scores.probability < high)
        print(f"{low:.2f} to {min(1, high):.2f}        {chance(chosen)}")
    foreign = (days[a] > 0) != (days[b] > 0)
    print(f"links to haystack: {[int((scores.tiers[foreign] == t).sum()) for t in (2, 1)]}")
    called = np.flatnonzero((scores.tiers == Tier.REWRITE) & inside & (verbatim < 0.3)).tolist()
    for number in random.Random(seed).sample(called, min(show, len(called))):
        print_link(pool, number)


def print_link(pool: Pool, number: int) -> None:
    one, other = (pool.records[text] for text in pool.pairs[number].tolist())
    print(f"\n{one['id']}  {other['id']}  {pool.scores.probability[number]:.2f}")
    for record in (one, other):
        print("   ", " ".join(record["text"].split())[:300])


def report_revisions(root: Path) -> None:
    records = read(root, "revisions")
    numbers = {record["id"]: number for number, record in enumerate(records)}
    texts = [record["text"] for record in records]
    columns = columns_of(texts)
    wording = wording_of(columns, texts, ["en"] * len(texts))
    labels = rows(root / "revisions" / "pairs.tsv")
    pairs = np.array([(numbers[row["id"]], numbers[row["source"]]) for row in labels], np.uint32)
    levels = [("non", "heavy", "light", "cut").index(row["level"]) for row in labels]
    scores = score_pairs(pairs, wording, texts)
    verbatim = measure_pairs(pairs, sketch_columns(columns, SketchSpec()))
    print("\nrevisions: Spearman with the level")
    for name, values in (
        ("placed", scores.placed),
        ("containment of stems", scores.containment),
        ("support", scores.support),
        ("runs of five stems", scores.verbatim_a),
        ("containment of shingles", verbatim.containment_a),
    ):
        points = [[(float(v), level)] for v, level in zip(values, levels, strict=True)]
        print(f"  {name:24}{interval(points, spearman)}")


def spearman(points: list[Any]) -> float:
    x, y = (ranks([point[side] for point in points]) for side in range(2))
    return float(np.corrcoef(x, y)[0, 1])


def ranks(values: Sequence[float]) -> NDArray[np.float64]:
    """Return ranks, the mean one where values are equal."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def report_contradictions(root: Path) -> None:
    labels = rows(root / "contradictions" / "pairs.tsv")
    texts = [row[side] for row in labels for side in ("a", "b")]
    wording = wording_of(columns_of(texts), texts, ["ar"] * len(texts))
    scores = score_pairs(np.arange(len(texts), dtype=np.uint32).reshape(-1, 2), wording, texts)
    stances = np.array([row["stance"] for row in labels])
    print("\ncontradictions    pairs  rewrite  flagged")
    for stance in ("agree", "disagree", "other"):
        of = stances == stance
        called = (scores.tiers[of] == Tier.REWRITE).mean()
        print(f"{stance:16}{of.sum():7}{called:9.4f}{scores.contradicts[of].mean():9.4f}")
    flagged = scores.contradicts
    print(
        f"flagged {flagged.sum()}, of these disagree "
        f"{(stances[flagged] == 'disagree').mean():.3f} (of all {(stances == 'disagree').mean():.3f})"
    )


if __name__ == "__main__":
    main()
