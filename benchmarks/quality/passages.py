"""How well are passages found that were copied, shuffled, reworded or paraphrased?

    python benchmarks/quality/passages.py [DATA] [--strength NATS] [--misses] [--links] [--show N]

DATA (or the environment variable PROVENANCE_DATA) is the folder of the evaluation sets.  Every suspicious
document of ``excerpts`` is compared with every source, and the passages are measured as PAN does, in
characters of both texts, macro-averaged over cases and detections: precision, recall, granularity (detections of a case), and
``plagdet = F1 / log2(1 + granularity)`` (Potthast et al., COLING 2010).  PAN knows one source of a
stretch, so of several the strongest is kept here; the library keeps all.
Brackets are 95 % intervals: 2,000 bootstrap samples of suspicious documents.  The two halves, every other
suspicious document, show how far the figures move; settings were chosen with both in sight.
With ``--misses``, cases found below 0.9 and passages with a precision below 0.9 are listed.

With ``--links``, passages are made links in ``planted``, where there must be none beside the planted copies,
and in ``reprints`` poured together with ``haystack``, which have nothing to do with each other; with
``--show N``, N of the latter are printed for reading.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import numpy as np

from provenance.config import PassageSpec, Profile
from provenance.disjoint import smallest_members
from provenance.index.candidates import candidate_pairs
from provenance.index.rare import rare_candidates
from provenance.sketch.signatures import sketch_columns
from provenance.sketch.wording import Wording, wording_of
from provenance.text.columns import columns_of
from provenance.verify.matching import match_pairs
from provenance.verify.passages import (
    Rates,
    find_passages,
    link_passages,
    measure_rates,
    spans_of,
)

Span = tuple[int, int]

SAMPLES = 2_000


@attrs.frozen(kw_only=True)
class Pair:
    """A stretch of a suspicious document and one of a source, planted or found."""

    document: int
    span: Span
    source: int
    source_span: Span
    kind: str = ""
    strength: float = 0.0

    def size(self) -> int:
        return self.span[1] - self.span[0] + self.source_span[1] - self.source_span[0]

    def meets(self, other: Pair) -> bool:
        return common(self.span, other.span) > 0 and common(self.source_span, other.source_span) > 0

    def covered_by(self, others: Sequence[Pair]) -> float:
        """Share of its characters, in both texts, that are in any of the others."""
        own = union([clip(self.span, other.span) for other in others])
        source = union([clip(self.source_span, other.source_span) for other in others])
        return (own + source) / self.size()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default=os.environ.get("PROVENANCE_DATA"))
    parser.add_argument("--strength", type=float, default=PassageSpec().strength)
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--links", action="store_true")
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    if options.links:
        report_links(Path(options.data), ("planted",), 0)
        report_links(Path(options.data), ("reprints", "haystack"), options.show)
        return
    root = Path(options.data) / "excerpts"
    records = read(root)
    names = [record["id"] for record in records]
    cases = read_cases(root / "spans.tsv", {name: number for number, name in enumerate(names)})
    suspicious = [n for n, name in enumerate(names) if name.startswith("suspicious")]
    sources = [n for n, name in enumerate(names) if name.startswith("source")]

    texts = [record["text"] for record in records]
    wording = wording_of(columns_of(texts), texts, [record["language"] for record in records])
    pairs = np.array([(a, b) for a in suspicious for b in sources], np.uint32)
    spec = PassageSpec(strength=options.strength)
    rates = measure_rates(wording)
    find_passages(pairs[:1], wording, spec, rates=rates)  # compiles
    start = time.process_time()
    passages = find_passages(pairs, wording, spec, rates=rates)
    seconds = time.process_time() - start
    spans = spans_of(passages, pairs, wording)
    rows = iter(passages.strength.tolist())
    found = [
        Pair(document=int(a), span=span.a, source=int(b), source_span=span.b, strength=next(rows))
        for (a, b), of_pair in zip(pairs, spans, strict=True)
        for span in of_pair
    ]
    kept = one_source(found)
    print(f"document pairs      {len(pairs):8}  {1e6 * seconds / len(pairs):.0f} us each")
    print(f"passages            {len(found):8}  with one source a stretch {len(kept)}")
    print(f"cases               {len(cases):8}")
    report("all", cases, kept, suspicious)
    report("even", cases, kept, suspicious[::2])
    report("odd", cases, kept, suspicious[1::2])
    if options.misses:
        list_misses(cases, kept, names)
    print(
        f"news pair           {news_cost(wording, suspicious, rates):8.0f} us for 300 and 300 words"
    )


def read(folder: Path) -> list[dict[str, str]]:
    with gzip.open(folder / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def report_links(root: Path, names: Sequence[str], show: int) -> None:
    """Link the texts of some sets by their passages, beyond what the verbatim view links."""
    sets = [read(root / name) for name in names]
    records = [record for of_set in sets for record in of_set]
    texts = [record["text"] for record in records]
    profile = Profile()
    columns = columns_of(texts)
    sketches = sketch_columns(columns, profile.sketch)
    near = candidate_pairs(sketches, profile.index)
    matches = match_pairs(near, sketches, columns, profile.verify, texts=texts)
    whole = profile.verify.whole
    copies = [
        (match.a, match.b)
        for match in matches
        if min(match.overlap.containment_a, match.overlap.containment_b) >= whole
    ]
    owners = smallest_members(np.array(copies, np.uint32).reshape(-1, 2), len(texts))
    wording = wording_of(columns, texts, [record["language"] for record in records])
    pairs = np.unique(np.concatenate([near, rare_candidates(wording, profile.rare)]), axis=0)
    start = time.process_time()
    passages = find_passages(pairs, wording)
    seconds = time.process_time() - start
    links = link_passages(passages, pairs, wording, owners=owners)
    known = {(match.a, match.b) for match in matches}
    new = [row for row in np.flatnonzero(links.linked).tolist() if tuple(pairs[row]) not in known]
    foreign = sum(pairs[row, 0] < len(sets[0]) <= pairs[row, 1] for row in new)
    print(f"{' + '.join(names)}: {len(texts)} articles")
    print(f"  candidates         {len(pairs):8}  {1e6 * seconds / len(pairs):.0f} us each")
    print(f"  verbatim links     {len(matches):8}")
    print(f"  with passages      {np.unique(passages.pairs).size:8}")
    print(f"  new links          {len(new):8}")
    if len(sets) > 1:
        print(f"  across the sets    {foreign:8}")
    spans = spans_of(passages, pairs, wording)
    for row in random.Random(1).sample(new, min(show, len(new))):
        a, b = (records[document] for document in pairs[row])
        print(
            f"\n{a['id']}  {b['id']}  telling {links.telling[row]:.0f} "
            f"({links.telling_share[row]:.2f}) covered {links.covered_a[row]:.2f} {links.covered_b[row]:.2f}"
        )
        longest = max(spans[row], key=lambda span: span.a[1] - span.a[0])
        for record, span in ((a, longest.a), (b, longest.b)):
            print("   ", " ".join(record["text"][slice(*span)].split())[:300])


def read_cases(path: Path, numbers: Mapping[str, int]) -> list[Pair]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return [
        Pair(
            document=numbers[row["id"]],
            span=stretch(row["offset"], row["length"]),
            source=numbers[row["source"]],
            source_span=stretch(row["source_offset"], row["source_length"]),
            kind=row["kind"],
        )
        for row in rows
    ]


def stretch(offset: str, length: str) -> Span:
    return int(offset), int(offset) + int(length)


def one_source(found: Sequence[Pair]) -> list[Pair]:
    """Of passages that explain more than half of one stretch, keep the strongest."""
    kept: dict[int, list[Pair]] = defaultdict(list)
    for pair in sorted(found, key=lambda pair: -pair.strength):
        half = (pair.span[1] - pair.span[0]) / 2
        if all(common(pair.span, other.span) <= half for other in kept[pair.document]):
            kept[pair.document].append(pair)
    return [pair for of_document in kept.values() for pair in of_document]


def common(x: Span, y: Span) -> int:
    return min(x[1], y[1]) - max(x[0], y[0])


def clip(x: Span, y: Span) -> Span:
    return max(x[0], y[0]), min(x[1], y[1])


def union(spans: Sequence[Span]) -> int:
    total, reached = 0, -1
    for first, last in sorted(spans):
        total += max(0, last - max(first, reached))
        reached = max(reached, last)
    return total


def report(
    name: str, cases: Sequence[Pair], found: Sequence[Pair], documents: Sequence[int]
) -> None:
    """Print the measures of some suspicious documents, with intervals."""
    row_of = {document: row for row, document in enumerate(documents)}
    cases = [case for case in cases if case.document in row_of]
    found = [pair for pair in found if pair.document in row_of]
    near: dict[tuple[int, int], tuple[list[Pair], list[Pair]]] = defaultdict(lambda: ([], []))
    for case in cases:
        near[case.document, case.source][0].append(case)
    for pair in found:
        near[pair.document, pair.source][1].append(pair)
    # By suspicious document: sums and counts, so that a sample of documents is a product.
    kinds = sorted({case.kind for case in cases})
    precision, recall, pieces = (np.zeros((len(documents), 2)) for _ in range(3))
    by_kind = np.zeros((len(kinds), len(documents), 2))
    for case in cases:
        hits = [pair for pair in near[case.document, case.source][1] if pair.meets(case)]
        share, row = case.covered_by(hits), row_of[case.document]
        recall[row] += share, 1
        by_kind[kinds.index(case.kind), row] += share, 1
        pieces[row] += len(hits), bool(hits)
    for pair in found:
        hits = [case for case in near[pair.document, pair.source][0] if case.meets(pair)]
        precision[row_of[pair.document]] += pair.covered_by(hits), 1

    draws = np.random.default_rng(1).multinomial(
        len(documents), np.full(len(documents), 1 / len(documents)), SAMPLES
    )
    chosen = np.vstack([np.ones(len(documents)), draws])  # the first is what was measured
    p, r, g = (mean(chosen, table) for table in (precision, recall, pieces))
    plagdet = 2 * p * r / (p + r) / np.log2(1 + g)
    print(f"{name}: {len(documents)} suspicious documents, {len(cases)} cases")
    for label, values in (
        ("plagdet", plagdet),
        ("precision", p),
        ("recall", r),
        ("granularity", g),
        *((f"  {kind}", mean(chosen, table)) for kind, table in zip(kinds, by_kind, strict=True)),
    ):
        low, high = np.nanpercentile(values[1:], [2.5, 97.5])
        print(f"  {label:30}{values[0]:.4f}  [{low:.3f}, {high:.3f}]")
    pairs = {(pair.document, pair.source) for pair in found}
    true = {(case.document, case.source) for case in cases}
    hit = len(pairs & true)
    print(
        f"  document pairs                precision {hit / len(pairs):.3f} recall {hit / len(true):.3f}"
    )


def mean(chosen: np.ndarray, table: np.ndarray) -> np.ndarray:
    sums = chosen @ table
    return np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0)


def list_misses(cases: Sequence[Pair], found: Sequence[Pair], names: Sequence[str]) -> None:
    for title, ones, others in (("missed", cases, found), ("beside", found, cases)):
        for one in ones:
            hits = [
                other
                for other in others
                if (one.document, one.source) == (other.document, other.source) and one.meets(other)
            ]
            share = one.covered_by(hits)
            if share < 0.9:
                print(
                    f"{title} {share:.2f} {names[one.document]} {one.span} {names[one.source]} "
                    f"{one.source_span} {one.kind} {one.strength:.0f}"
                )


def news_cost(wording: Wording, documents: Sequence[int], rates: Rates) -> float:
    """Microseconds for a pair of beginnings of 300 words, a news article each."""
    sizes = np.diff(wording.offsets)
    long = [document for document in documents if sizes[document] >= 300]
    places = np.concatenate([np.arange(300) + wording.offsets[document] for document in long])
    short = attrs.evolve(
        wording,
        stems=wording.stems[places],
        words=wording.words[places],
        offsets=np.arange(0, 300 * len(long) + 1, 300),
        groups=wording.groups[long],
    )
    pairs = np.argwhere(np.triu(np.ones((len(long), len(long)), bool), 1)).astype(np.uint32)
    start = time.process_time()
    find_passages(pairs, short, rates=rates)
    return 1e6 * (time.process_time() - start) / len(pairs)


if __name__ == "__main__":
    main()
