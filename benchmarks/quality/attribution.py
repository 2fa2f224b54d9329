"""Score the credit reader: bylines, catalogue markers, traps, robustness, false sources, speed.

    python benchmarks/quality/attribution.py DATA [--markers FILE] [--show N] [--only PART ...]

DATA is the evaluation data (or the environment variable PROVENANCE_DATA); ``--markers`` a table of
example markers (``id,lang,role,position,example,agency_id``).  Nothing here is tuned on single rows.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from provenance.attribution.reading import read_mentions
from provenance.model import Article, ArticleId, Mention

#: Roles that make the named agency a source of the text.
TEXT_SOURCE = {
    "syndicated_copy",
    "contribution",
    "composite_credit",
    "additional_sources",
    "told_outlet",
    "agency_staff_credit",
    "agency_end_marker",
}
CREDIT = TEXT_SOURCE - {"told_outlet"}
CODES = {"CNN": "cnn_ar", "AGENCIES": "generic_agencies", "FOLLOWUPS": "generic_agencies"}


def articles(path: Path) -> Iterator[Article]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            yield Article(
                id=ArticleId(record["id"]),
                text=record["text"],
                publisher=record.get("publisher") or "",
            )


def sources(mentions: Iterable[Mention]) -> set[str]:
    found = set()
    for m in mentions:
        if m.role == "generic_agencies" or (m.role == "composite_credit" and m.agency is None):
            found.add("generic_agencies")
        elif m.agency and m.role in TEXT_SOURCE:
            found.add(m.agency)
    return found


def score_bylines(data: Path, show: int) -> None:
    with (data / "reprints" / "bylines.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    right = plain = 0
    hit: Counter[str] = Counter()
    extra: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    wrong: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        gold = {CODES.get(code, code.lower()) for code in row["agencies"].split(",") if code}
        mentions = read_mentions(Article(id=ArticleId(row["id"]), text="", byline=row["byline"]))
        found = sources(mentions)
        counted = sources(m for m in mentions if not _own_desk(m))
        plain += found == gold
        right += counted == gold
        hit.update(gold & counted)
        extra.update(counted - gold)
        missed.update(gold - counted)
        if counted != gold:
            wrong[row["byline"], ",".join(sorted(gold)), ",".join(sorted(counted))] += 1
    f1 = {
        a: 2 * hit[a] / (2 * hit[a] + extra[a] + missed[a]) for a in hit if hit[a] + missed[a] >= 10
    }
    print(
        f"bylines   rows {len(rows):,}  exact {plain / len(rows):.4f}  without own-desk follow-ups "
        f"{right / len(rows):.4f}  macro F1 {sum(f1.values()) / len(f1):.4f}"
    )
    for (byline, gold_text, found_text), count in wrong.most_common(show):
        print(f"    {count:4d}  {byline!r}  labelled {gold_text or '-'}  read {found_text or '-'}")


def _own_desk(mention: Mention) -> bool:
    return mention.rule.endswith(".follow_up")


def _breaks(example: str) -> str:
    return re.sub(r" ?\N{RETURN SYMBOL} ?", "\n", example)


def place_marker(example: str, position: str, text: str) -> Article:
    lines = [line for line in text.split("\n") if line.strip()] or [text]
    example = _breaks(example)
    byline = ""
    if (
        position in ("byline", "header line", "caption-like author", "telegram / headline")
        or position == "byline/dateline"
    ):
        body = "\n".join([example, *lines])
    elif position in ("dateline", "lead"):
        body = example + " " + "\n".join(lines)
    elif position == "caption":
        body = (
            "\n".join([*lines[:1], example, *lines[1:]]) if len(lines) > 1 else f"{example}\n{text}"
        )
    elif position == "end of text":
        body = "\n".join(lines) + ("\n" if "\n" in example else " ") + example
    elif position.startswith("footer"):
        body = "\n".join([*lines, example])
    else:
        middle = len(lines) // 2
        line = lines[middle]
        cut = line.find(". ", len(line) // 3)
        cut = len(line) if cut < 0 else cut + 2
        lines[middle] = line[:cut] + " " + example + " . " + line[cut:]
        body = "\n".join(lines)
    return Article(id=ArticleId("placed"), text=body, byline=byline)


def marker_is_read(row: dict[str, str], mentions: Iterable[Mention]) -> bool:
    listed = list(mentions)
    if row["role"].startswith("TRAP"):
        return not any(m.agency and m.role in CREDIT | {"told_outlet"} for m in listed)
    wanted = set(row["agency_id"].split("|")) if row["agency_id"] else set()
    same = [m for m in listed if m.role == row["role"]]
    if not same:
        return False
    if row["role"] in ("agency_staff_credit", "agency_end_marker", "autoblog_source_link"):
        return True
    return wanted <= {m.agency or "generic_agencies" for m in same}


def alone(row: dict[str, str], example: str) -> tuple[Mention, ...]:
    example = _breaks(example)
    if row["position"] in ("byline", "byline/dateline", "caption-like author", "header line"):
        return read_mentions(Article(id=ArticleId("m"), text="", byline=example))
    return read_mentions(Article(id=ArticleId("m"), text=example))


def score_markers(path: Path, texts: list[str], show: int) -> None:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name in ("alone", "placed"):
        rng = random.Random(1)
        by: defaultdict[str, list[bool]] = defaultdict(list)
        for row in rows:
            mentions = (
                alone(row, row["example"])
                if name == "alone"
                else read_mentions(place_marker(row["example"], row["position"], rng.choice(texts)))
            )
            good = marker_is_read(row, mentions)
            kind = "trap" if row["role"].startswith("TRAP") else "marker"
            for key in (kind, row["role"], f"language {row['lang']}"):
                by[key].append(good)
            if not good and show:
                seen = [(m.agency, m.role, m.zone, m.rule) for m in mentions]
                print(f"    {name} {row['id']} {row['role']} {row['example']!r} -> {seen[:4]}")
        print(
            f"markers   {name}: read {_share(by['marker'])}  traps left alone {_share(by['trap'])}"
        )
        short = {key: f"{sum(v)}/{len(v)}" for key, v in by.items() if sum(v) < len(v)}
        print("    below par:", short)


def _share(values: list[bool]) -> str:
    return f"{sum(values) / len(values):.3f} ({sum(values)}/{len(values)})" if values else "-"


TRANSFORMS: dict[str, Callable[[str], str]] = {
    "as it is": lambda t: t,
    "double spaces": lambda t: t.replace(" ", "  "),
    "no-break spaces": lambda t: t.replace(" ", "\N{NO-BREAK SPACE}"),
    "entities": lambda t: t.replace(" ", "&nbsp;"),
    "hamza dropped": lambda t: re.sub(
        "[\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}\N{ARABIC LETTER ALEF WITH HAMZA BELOW}]",
        "\N{ARABIC LETTER ALEF}",
        t,
    ),
    "tatweel": lambda t: re.sub(
        "(?<=[\N{ARABIC LETTER BEH}-\N{ARABIC LETTER GHAIN}])(?=[\u0621-\u064a])",
        "\N{ARABIC TATWEEL}",
        t,
        count=3,
    ),
    "tashkeel": lambda t: re.sub("(?<=[\u0621-\u064a])(?=[\u0621-\u064a])", "\N{ARABIC FATHA}", t),
    "bidi marks": lambda t: "\N{RIGHT-TO-LEFT MARK}" + t.replace(" ", " \N{RIGHT-TO-LEFT MARK}"),
    "other quotes": lambda t: re.sub(
        '["\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}]',
        "\N{LEFT CURLY BRACKET}",
        t,
    ),
    "other dashes": lambda t: re.sub("[-\N{EN DASH}]", "\N{EM DASH}", t),
    "upper case": str.upper,
}


def score_robustness(path: Path) -> None:
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if not row["role"].startswith("TRAP")]
    base = {row["id"] for row in rows if marker_is_read(row, alone(row, row["example"]))}
    for name, change in TRANSFORMS.items():
        kept = sum(
            marker_is_read(row, alone(row, change(row["example"])))
            for row in rows
            if row["id"] in base
        )
        print(f"robust    {name:18s} {kept / len(base):.3f} of the markers read as they are")


def score_haystack(data: Path, show: int) -> None:
    roles: Counter[str] = Counter()
    with_source = total = 0
    seen = []
    for article in articles(data / "haystack" / "docs.jsonl.gz"):
        total += 1
        mentions = read_mentions(article)
        roles.update(m.role for m in mentions)
        named = [m for m in mentions if m.agency and m.role in CREDIT]
        with_source += bool(named)
        seen += [(article, m) for m in named]
    print(
        f"haystack  articles {total:,}  with a named text credit {with_source}  mentions {dict(roles)}"
    )
    for article, m in random.Random(2).sample(seen, min(show, len(seen))):
        start, end = m.span
        around = article.text[max(0, start - 60) : end + 40] if m.field == "text" else m.text
        print(f"    {m.agency} {m.role} {m.zone} {m.rule}: {around!r}")


def score_speed(data: Path) -> None:
    texts = [
        a.text
        for a in articles(data / "haystack" / "docs.jsonl.gz")
        if 2500 < len(a.text.encode()) < 5500
    ][:1000]
    read_mentions(Article(id=ArticleId("warm"), text=texts[0]))
    best = float("inf")
    for _ in range(3):
        begin = time.perf_counter()
        for text in texts:
            read_mentions(Article(id=ArticleId("x"), text=text))
        best = min(best, time.perf_counter() - begin)
    size = sum(len(t.encode()) for t in texts) / len(texts)
    print(
        f"speed     {best / len(texts) * 1e6:.0f} us an article of {size:,.0f} bytes, best of 3, one core"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", default=os.environ.get("PROVENANCE_DATA"), type=Path)
    parser.add_argument("--markers", type=Path)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument(
        "--only", nargs="*", default=["bylines", "markers", "robustness", "haystack", "speed"]
    )
    args = parser.parse_args()
    if args.data is None:
        parser.error("give the data folder, or set PROVENANCE_DATA")
    if "bylines" in args.only:
        score_bylines(args.data, args.show)
    if args.markers and "markers" in args.only:
        rng = random.Random(7)
        texts = [
            a.text
            for a in articles(args.data / "haystack" / "docs.jsonl.gz")
            if not read_mentions(a)
        ]
        score_markers(args.markers, rng.sample(texts, 200), args.show)
    if args.markers and "robustness" in args.only:
        score_robustness(args.markers)
    if "haystack" in args.only:
        score_haystack(args.data, args.show)
    if "speed" in args.only:
        score_speed(args.data)


if __name__ == "__main__":
    main()
