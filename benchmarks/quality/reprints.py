"""How good are candidates and links on Arabic news, where agency copies are many and cut?

    python benchmarks/quality/reprints.py [DATA] [--show N] [--show-forms N] [--seed S]

DATA (or the environment variable PROVENANCE_DATA) is the folder of the evaluation sets.  The set
``reprints`` is poured into one pool with ``haystack``; a link between the two is false by the labels.
With ``--show N``, N random links are printed for reading, with their longest passages; with
``--show-forms N``, N random pairs that are not linked because they are forms, filled in twice.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import Profile
from provenance.disjoint import smallest_members
from provenance.index.candidates import candidate_pairs
from provenance.sketch.signatures import Sketches, sketch_columns
from provenance.text.columns import columns_of
from provenance.verify.kinds import find_copies
from provenance.verify.matching import Match, match_pairs
from provenance.verify.overlap import measure_pairs, measure_spread

#: Bands of ``containment5`` of the labelled pairs, and of containment and Jaccard of the oracle.
LABEL_BANDS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.8, 1.01)
ORACLE_BANDS = (0.1, 0.2, 0.27, 0.36, 0.5, 0.8, 1.01)

#: All pairs of more articles than this do not fit in a gigabyte.
ORACLE_ARTICLES = 2_000


def main() -> None:
    arguments = sys.argv[1:]
    show = int(option(arguments, "--show", "0"))
    show_forms = int(option(arguments, "--show-forms", "0"))
    seed = int(option(arguments, "--seed", "1"))
    root = Path(arguments[0] if arguments else os.environ["PROVENANCE_DATA"])
    reprints = read(root / "reprints")
    records = reprints + read(root / "haystack")
    numbers = {record["id"]: number for number, record in enumerate(records)}
    texts = [record["text"] for record in records]
    profile = Profile()

    columns = columns_of(texts)
    sketches = sketch_columns(columns, profile.sketch)
    start = time.perf_counter()
    pairs = candidate_pairs(sketches, profile.index)
    between = time.perf_counter()
    publishers = [record.get("publisher") or "" for record in records]
    known = {"texts": texts, "publishers": publishers}
    matches = match_pairs(pairs, sketches, columns, profile.verify, **known)
    end = time.perf_counter()
    everything = attrs.evolve(profile.verify, drop_forms=False)
    linked = {(match.a, match.b) for match in matches}
    forms = [
        match
        for match in match_pairs(pairs, sketches, columns, everything, **known)
        if (match.a, match.b) not in linked
    ]
    print(f"articles              {len(texts):8}")
    print(f"candidates            {len(pairs):8}  {between - start:.2f} s")
    print(f"links                 {len(matches):8}  {end - between:.2f} s")
    for kind, count in Counter(match.kind for match in matches).most_common():
        print(f"  {kind:20}{count:8}")
    print(f"forms left out        {len(forms):8}")
    foreign = [match for match in matches if match.a < len(reprints) <= match.b]
    print(f"links into haystack   {len(foreign):8}")
    for match in foreign:
        print(f"  {records[match.a]['id']} {records[match.b]['id']} {match.related:.3f}")

    report_identical(root, numbers, matches, len(texts))
    report_labelled(root, numbers, matches)
    report_oracle(len(reprints), sketches, profile, seed)
    for match in random.Random(seed).sample(matches, min(show, len(matches))):
        print_link(match, records)
    for match in random.Random(seed).sample(forms, min(show_forms, len(forms))):
        print_link(match, records)


def option(arguments: list[str], name: str, default: str) -> str:
    if name not in arguments:
        return default
    place = arguments.index(name)
    value = arguments[place + 1]
    del arguments[place : place + 2]
    return value


def read(folder: Path) -> list[dict[str, str]]:
    with gzip.open(folder / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def report_identical(
    root: Path, numbers: dict[str, int], matches: Sequence[Match], count: int
) -> None:
    pairs = np.array([(match.a, match.b) for match in matches], np.uint32).reshape(-1, 2)
    members = smallest_members(pairs, count)
    groups = [row["ids"].split() for row in rows(root / "reprints" / "identical.tsv")]
    whole = sum(len({members[numbers[name]] for name in group}) == 1 for group in groups)
    print(f"identical groups      {len(groups):8}  in one cluster {whole}")


def report_labelled(root: Path, numbers: dict[str, int], matches: Sequence[Match]) -> None:
    linked = {(match.a, match.b) for match in matches}
    total, found = np.zeros((2, len(LABEL_BANDS) - 1), dtype=int)
    for row in rows(root / "reprints" / "pairs.tsv"):
        band = int(np.searchsorted(LABEL_BANDS, float(row["containment5"]), side="right")) - 1
        total[band] += 1
        found[band] += tuple(sorted((numbers[row["a"]], numbers[row["b"]]))) in linked
    print(f"same headline         {total.sum():8}  by containment of five-word sequences:")
    for band, (low, high) in enumerate(pairwise(LABEL_BANDS)):
        print(f"  {low:.1f} to {min(high, 1):.1f}          {total[band]:8}  linked {found[band]}")


def report_oracle(count: int, sketches: Sketches, profile: Profile, seed: int) -> None:
    """Compare the index with all pairs of a sample of the reprints."""
    sample = sorted(random.Random(seed).sample(range(count), ORACLE_ARTICLES))
    some = chosen(sketches, sample)
    pairs = all_sharing(some)
    plain = measure_pairs(pairs, some, profile.verify)
    owners = smallest_members(
        pairs[np.minimum(plain.containment_a, plain.containment_b) >= profile.verify.whole],
        len(sample),
    )
    measures = measure_pairs(pairs, some, profile.verify, spread=measure_spread(some, owners))
    proposed = np.zeros((len(sample), len(sample)), dtype=bool)
    candidates = candidate_pairs(some, profile.index)
    proposed[candidates[:, 0], candidates[:, 1]] = True
    hit = proposed[pairs[:, 0], pairs[:, 1]]
    larger = np.maximum(measures.containment_a, measures.containment_b)
    enough = measures.shared >= profile.verify.min_strength
    print(f"oracle: all pairs of  {len(sample):8}  articles; candidates {len(candidates)}")
    for low, high in pairwise(ORACLE_BANDS):
        line = f"  {low:.2f} to {min(high, 1):.2f}"
        for name, values in (("containment", larger), ("jaccard", measures.jaccard)):
            band = enough & (values >= low) & (values < high)
            share = hit[band].mean() if band.any() else float("nan")
            line += f"   {name} {band.sum():5} found {share:.4f}"
        print(line)
    copies = find_copies(measures, profile.verify)
    print(f"  copies {copies.sum():12}   found {hit[copies].mean():.4f}")


def chosen(sketches: Sketches, numbers: Sequence[int]) -> Sketches:
    parts = [sketches.shingles[sketches.offsets[n] : sketches.offsets[n + 1]] for n in numbers]
    return attrs.evolve(
        sketches,
        signatures=sketches.signatures[list(numbers)],
        shingles=np.concatenate(parts),
        offsets=np.cumsum([0, *map(len, parts)]).astype(np.int64),
    )


def all_sharing(sketches: Sketches) -> NDArray[np.uint32]:
    """Every pair with a shingle in common, by counting; no join, no sampling."""
    count = sketches.offsets.size - 1
    owners = np.repeat(np.arange(count), np.diff(sketches.offsets))
    order = np.lexsort((owners, sketches.shingles))
    values, owners = sketches.shingles[order], owners[order]
    edges = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1], [True]]))
    together = np.zeros((count, count), dtype=bool)
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if last - first > 1:
            group = np.unique(owners[first:last])
            together[np.ix_(group, group)] = True
    return np.argwhere(np.triu(together, 1)).astype(np.uint32)


def print_link(match: Match, records: list[dict[str, str]]) -> None:
    overlap = match.overlap
    a, b = records[match.a], records[match.b]
    print(
        f"\n{a['id']} ({a.get('publisher')})  {b['id']} ({b.get('publisher')})  {match.kind} "
        f"{overlap.jaccard:.2f} {overlap.containment_a:.2f} {overlap.containment_b:.2f} "
        f"related {match.related:.3f}"
    )
    for record in (a, b):
        print("   ", " ".join(record["text"][:140].split()))
    for span in sorted(match.spans, key=lambda span: span.a[0] - span.a[1])[:2]:
        print("   =", " ".join(a["text"][slice(*span.a)][:240].split()))


if __name__ == "__main__":
    main()
