"""Lost credit on reprints, and the drawn lineage against the gold of the sample corpus.

    python benchmarks/quality/lineage.py DATA          lost credit, by thresholds
    python benchmarks/quality/lineage.py --direction DATA  real direction: agency originals and their copies
    python benchmarks/quality/lineage.py --gold [TRACE]  a finished trace of seeds/articles.jsonl

DATA (or the environment variable PROVENANCE_DATA) is the folder of the evaluation sets.

Lost credit: of two copies with one headline, exactly one of which prints an agency, the other's
origin must come out as that agency.  A named origin is false for a copy whose outlets print none and
that has no credited copy (5-gram containment below the bound, either way).  Credits are the printed
bylines as labelled, so that this measures lineage and not the reading of credits.

Real direction: the state agency's own items (publisher ``was``, with its end mark) among the newspapers of
their day.  Whatever is drawn between an item and a newspaper's text must lead away from the item.  The items
are traced with their outlet's name as the agency writes it, without, and without the end mark and dateline besides, where
nothing is left that says who came first.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from provenance.config import LineageSpec, Profile
from provenance.index.candidates import candidate_pairs
from provenance.lineage.credits import Credits
from provenance.lineage.origins import credited_copies
from provenance.model import ArticleId, Direction, Link, Mention
from provenance.sketch.signatures import sketch_columns
from provenance.text.columns import columns_of
from provenance.verify.matching import match_pairs

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
UNNAMED = {"", "AGENCIES", "FOLLOWUPS"}
NO_DIRECTION = Direction(a_to_b=0.0, b_to_a=0.0, common_source=1.0)


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t")


def links_of(documents: list[dict[str, Any]], publishers: dict[str, str]) -> list[Link]:
    """The verified pairs of a corpus, without direction."""
    profile = Profile()
    texts = [document["text"] for document in documents]
    columns = columns_of(texts)
    sketches = sketch_columns(columns, profile.sketch)
    matches = match_pairs(
        candidate_pairs(sketches, profile.index),
        sketches,
        columns,
        profile.verify,
        texts=texts,
        publishers=[publishers.get(document["id"], "") for document in documents],
        published=["" for _ in documents],
    )
    return [
        Link(
            a=ArticleId(documents[m.a]["id"]),
            b=ArticleId(documents[m.b]["id"]),
            kind=m.kind,
            related=m.related,
            direction=NO_DIRECTION,
            overlap=m.overlap,
        )
        for m in matches
    ]


def printed(agencies: str) -> Credits:
    """The labelled byline as credits."""
    named = sorted(set(agencies.split(",")) - UNNAMED)
    said = {
        agency: Mention(
            id=ArticleId(""),
            agency=agency,
            role="syndicated_copy",
            zone="byline",
            span=(0, 0),
            text=agency,
            rule="label",
            weight=4.0,
            field="byline",
        )
        for agency in named
    }
    return Credits(whole=said)


def grams(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[i : i + 5]) for i in range(len(words) - 4)}


def lost_credit(folder: Path) -> None:
    with gzip.open(folder / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]
    byline = {row["id"]: row for row in rows(folder / "bylines.tsv")}
    start = time.perf_counter()
    links = links_of(documents, {name: row["publisher"] for name, row in byline.items()})
    print(f"{len(documents)} articles, {len(links)} links, {time.perf_counter() - start:.0f} s")
    texts = {document["id"]: document["text"] for document in documents}
    named = {
        ArticleId(name): printed(byline[name]["agencies"] if name in byline else "")
        for name in texts
    }
    near: dict[str, list[Link]] = defaultdict(list)
    covered: dict[tuple[str, str], float] = {}
    for link in links:
        near[link.a].append(link)
        near[link.b].append(link)
        covered[link.a, link.b] = link.overlap.containment_a
        covered[link.b, link.a] = link.overlap.containment_b
    pairs = [row for row in rows(folder / "pairs.tsv") if float(row["containment5"]) >= 0.5]
    lost = []
    for row in pairs:
        if row["relation"] != "one_credited":
            continue
        first, second = named[ArticleId(row["a"])], named[ArticleId(row["b"])]
        if bool(first.whole) != bool(second.whole):
            bare, told = (row["b"], first) if first.whole else (row["a"], second)
            lost.append((ArticleId(bare), set(told.whole)))
    bare = sorted({row[e] for row in pairs if row["relation"] == "none_credited" for e in "ab"})
    strays = {
        bound: [d for d in bare if credited(d, bound, near, named, texts) == 0]
        for bound in (0.3, 0.5)
    }
    print(
        f"{len(lost)} lost credits; {len(strays[0.3])} and {len(strays[0.5])} copies that have none"
    )
    print("copy  source   right        wrong  silent   false <0.3   false <0.5")
    for copy, source in ((0.5, 0.6), (0.4, 0.6), (0.3, 0.6), (0.6, 0.7), (0.5, 1.1)):
        spec = attrs.evolve(LineageSpec(), copy_containment=copy, source_containment=source)
        start = time.perf_counter()
        found = credited_copies(links, named, lambda a, b: covered[a, b], spec)
        seconds = time.perf_counter() - start
        answers = [(found[d][0].agency if d in found else "", truth) for d, truth in lost]
        right = sum(answer in truth for answer, truth in answers)
        silent = sum(not answer for answer, _ in answers)
        false = [sum(d in found for d in strays[bound]) for bound in (0.3, 0.5)]
        print(
            f"{copy:.1f}   {source:.1f}   {right:4}/{len(lost)} {right / len(lost):.3f}"
            f"   {len(lost) - right - silent:4}   {silent:4}   "
            f"{false[0]:4}/{len(strays[0.3])}   {false[1]:4}/{len(strays[0.5])}   {seconds:.1f} s"
        )
        if (copy, source) == (0.5, 0.6) and "--show" in sys.argv:
            for (document, truth), (answer, _) in zip(lost, answers, strict=True):
                if answer not in truth:
                    print("   ", document, "printed", truth, "named", found.get(document, ())[:2])


def credited(
    document: str,
    bound: float,
    near: dict[str, list[Link]],
    named: dict[ArticleId, Credits],
    texts: dict[str, str],
) -> int:
    """How many credited copies a document has at 5-gram containment of `bound`, either way."""
    count = 0
    own = grams(texts[document])
    for link in near[document]:
        other = link.b if link.a == document else link.a
        if named[other].whole:
            theirs = grams(texts[other])
            shared = len(own & theirs)
            count += shared >= bound * max(1, min(len(own), len(theirs)))
    return count


def direction(folder: Path) -> None:
    """Directions drawn between agency originals and newspaper copies."""
    from provenance import trace
    from provenance.model import Article

    with gzip.open(folder / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]
    originals = {record["id"] for record in documents if record["publisher"] == "was"}
    days = {name.partition("#")[0] for name in originals}
    near = [record for record in documents if record["id"].partition("#")[0] in days]
    print(f"{len(originals)} originals among {len(near)} articles of {', '.join(sorted(days))}")
    print(
        "the originals                        pairs  arrows  right          no arrow  unseen parent of an original"
    )
    for name in ("outlet named", "outlet hidden", "outlet, end mark and dateline hidden"):
        articles = []
        for record in near:
            known = {key: record[key] for key in ("id", "text", "publisher", "language")}
            if record["id"] in originals:
                known["publisher"] = "واس" if name == "outlet named" else ""
                if "end mark" in name:
                    known["text"] = bare_body(record["text"])
            articles.append(Article(**known))
        edges = [edge for story in trace(articles).stories for edge in story.edges]
        mixed = [
            e
            for e in edges
            if (e.parent in originals) != (e.child in originals) and ":" not in e.parent
        ]
        arrows = [edge for edge in mixed if edge.directed and edge.kind != "cites"]
        right = sum(edge.parent in originals for edge in arrows)
        above = sum(":" in edge.parent and edge.child in originals for edge in edges)
        print(
            f"{name:36} {len(mixed):5}  {len(arrows):6}  {right:5} "
            f"{right / max(1, len(arrows)):.3f}   {len(mixed) - len(arrows):8}  {above}"
        )
        if "--show" in sys.argv:
            for edge in arrows:
                if edge.parent not in originals:
                    print("   ", edge.parent, "->", edge.child, [e.type for e in edge.evidence])


def bare_body(text: str) -> str:
    """An item without its first line (place, date, agency) and its last (end mark, time)."""
    lines = [line for line in text.split("\n") if line.strip()]
    return "\n".join(line for line in lines[1:] if len(line) > 40)


def gold(trace: Path) -> None:
    """Edges, origins and counts of a trace of the sample corpus against its gold."""

    def read(path: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    truth, drawn = read(SEEDS / "gold" / "stories.jsonl"), read(trace / "stories.jsonl")

    def edges(stories: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[str, bool]]:
        return {
            (e["parent"], e["child"]): (e["kind"], e.get("directed", True))
            for s in stories
            for e in s["edges"]
        }

    def origins(stories: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
        return {
            (d["id"], o["agency"], o["basis"])
            for s in stories
            for d in s["documents"]
            for o in d["origins"]
            if o["agency"]
        }

    wanted, found = edges(truth), edges(drawn)
    seen = {"repost", "excerpt", "update", "compilation", "common_source", "cites"}
    for name, kinds in (("all kinds", None), ("without rewrites and translations", seen)):
        want = {k: v for k, v in wanted.items() if kinds is None or v[0] in kinds}
        have = {k: v for k, v in found.items() if kinds is None or v[0] in kinds}
        right = want.keys() & have.keys()
        same = sum(want[k] == have[k] for k in right)
        print(
            f"{name}: {len(want)} edges, {len(have)} drawn, {len(right)} right, "
            f"{same} of these with kind and direction"
        )
    for key in sorted(wanted.keys() ^ found.keys(), key=lambda k: (k[1], k[0])):
        print("   ", "missing" if key in wanted else "false  ", *key, (wanted | found)[key][0])
    one, other = origins(truth), origins(drawn)
    print(f"origins: {len(one)}, named {len(other)}, right with basis {len(one & other)}, "
          f"right agency {len({o[:2] for o in one} & {o[:2] for o in other})}")  # fmt: skip
    counts = {frozenset(s["members"]): s["independent_sources"] for s in drawn}
    whole = [s for s in truth if frozenset(s["members"]) in counts]
    right_counts = sum(counts[frozenset(s["members"])] == s["independent_sources"] for s in whole)
    print(f"independent sources: {right_counts} of {len(whole)} whole stories (of {len(truth)})")


def main() -> None:
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if "--gold" in sys.argv:
        gold(Path(arguments[0] if arguments else "out"))
    elif "--direction" in sys.argv:
        direction(Path(arguments[0] if arguments else os.environ["PROVENANCE_DATA"]) / "reprints")
    else:
        lost_credit(Path(arguments[0] if arguments else os.environ["PROVENANCE_DATA"]) / "reprints")


if __name__ == "__main__":
    main()
