"""Score the credit reader, by agency, role, language and outlet, with gains and losses.

    python benchmarks/quality/attribution.py DATA [--markers FILE] [--last FILE] [--only PART ...] [--show N]

DATA is the evaluation data (or the environment variable PROVENANCE_DATA); ``--markers`` a table of
example markers (``id,lang,role,position,example,agency_id``).  ``--last`` names a small JSON file:
what the last run found is compared with this one, then replaced.  Nothing is tuned on single rows; of
the kept-out examples only shares are printed or stored.

Parts: ``examples bylines bodies markers robustness brackets haystack speed``.
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
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import credit_examples
from credit_examples import NOTICES, TEXT_SOURCE

from provenance.attribution.reading import read_mentions
from provenance.model import Article, ArticleId, Mention

CREDIT = TEXT_SOURCE - {"told_outlet"}
CODES = {"CNN": "cnn_ar", "AGENCIES": "generic_agencies", "FOLLOWUPS": "generic_agencies"}
PARTS = ["examples", "bylines", "bodies", "markers", "robustness", "brackets", "haystack", "speed"]
BY_LINE = ("byline", "byline/dateline", "caption-like author", "header line")
PLACES = 5  # unrelated articles into which every marker is placed
FEWEST = 10  # labels of an agency before it counts in the macro average

#: What a run found: for each part the rows that were right.  Never single kept-out examples.
Findings = dict[str, list[str]]


def articles(path: Path) -> Iterator[Article]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            yield Article(
                id=ArticleId(record["id"]),
                text=record["text"],
                publisher=record.get("publisher") or "",
                language=record.get("language") or "",
            )


def share(right: int, of: int) -> str:
    return f"{right / of:.3f} ({right}/{of})" if of else "-"


def print_table(title: str, cells: Mapping[str, list[bool]], *, all_rows: bool = True) -> None:
    """Print how many of each key are right, the weakest first."""
    rows = sorted(cells.items(), key=lambda item: (sum(item[1]) / len(item[1]), item[0]))
    for key, values in rows:
        if all_rows or not all(values):
            print(f"    {title:10s} {key:28s} {share(sum(values), len(values))}")


# ---- the written examples ------------------------------------------------------------------------


def score_examples(findings: Findings, show: int) -> None:
    cells: defaultdict[str, defaultdict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    totals: defaultdict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    for example in credit_examples.read_examples():
        alone, placed = credit_examples.read_both_ways(example)
        part = f"{example.series} {'kept out' if example.kept_out else 'open'}"
        for kind in {example.kind, "trap" if example.trap else "credit"}:
            totals[part, kind].append((alone, placed))
        if example.kept_out:
            continue
        row = f"{example.language} {example.role} {example.text}"
        findings.setdefault("examples", []).extend([row] * placed)
        if not example.trap:
            cells["role"][example.role].append(placed)
        cells["language"][f"{example.language}{' traps' * example.trap}"].append(placed)
        if not placed and show:
            print(f"    missed: {row!r}")
    for (part, kind), both in sorted(totals.items()):
        print(
            f"examples  {part:15s} {kind:7s} alone {share(sum(a for a, _ in both), len(both))}"
            f"  placed {share(sum(p for _, p in both), len(both))}"
        )
    for title, table in cells.items():
        print_table(title, table)


# ---- bylines -------------------------------------------------------------------------------------


def sources(mentions: Iterable[Mention]) -> set[str]:
    found = set()
    for m in mentions:
        if m.role == "generic_agencies" or (m.role == "composite_credit" and m.agency is None):
            found.add("generic_agencies")
        elif m.agency and m.role in TEXT_SOURCE:
            found.add(m.agency)
    return found


def _own_desk(mention: Mention) -> bool:
    return mention.rule.endswith(".follow_up")


def byline_rows(data: Path) -> list[dict[str, str]]:
    with (data / "reprints" / "bylines.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def gold_of(row: Mapping[str, str]) -> set[str]:
    return {CODES.get(code, code.lower()) for code in row["agencies"].split(",") if code}


def score_bylines(data: Path, findings: Findings, show: int) -> None:
    rows = byline_rows(data)
    plain = 0
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("hit", "extra", "missed")}
    outlets: defaultdict[str, list[bool]] = defaultdict(list)
    wrong: Counter[tuple[str, str, str]] = Counter()
    right_ids = []
    for row in rows:
        gold = gold_of(row)
        mentions = read_mentions(Article(id=ArticleId(row["id"]), text="", byline=row["byline"]))
        counted = sources(m for m in mentions if not _own_desk(m))
        plain += sources(mentions) == gold
        outlets[row["publisher"]].append(counted == gold)
        counts["hit"].update(gold & counted)
        counts["extra"].update(counted - gold)
        counts["missed"].update(gold - counted)
        if counted == gold:
            right_ids.append(row["id"])
        else:
            wrong[row["byline"], ",".join(sorted(gold)), ",".join(sorted(counted))] += 1
    hit, extra, missed = counts["hit"], counts["extra"], counts["missed"]
    f1 = {
        agency: 2 * hit[agency] / (2 * hit[agency] + extra[agency] + missed[agency])
        for agency in hit
        if hit[agency] + missed[agency] >= FEWEST
    }
    print(
        f"bylines   rows {len(rows):,}  exact {plain / len(rows):.4f}  without own-desk follow-ups "
        f"{len(right_ids) / len(rows):.4f}  macro F1 {sum(f1.values()) / len(f1):.4f}"
    )
    for agency, value in sorted(f1.items(), key=lambda item: item[1]):
        print(
            f"    agency     {agency:28s} F1 {value:.3f}  right {hit[agency]}  "
            f"too many {extra[agency]}  missed {missed[agency]}"
        )
    print_table("outlet", outlets)
    for (byline, gold_text, found_text), count in wrong.most_common(show):
        print(f"    {count:4d}  {byline!r}  labelled {gold_text or '-'}  read {found_text or '-'}")
    findings["bylines"] = right_ids


def score_bodies(data: Path, findings: Findings) -> None:
    """Read byline and body together: what the byline credits stays, the body adds with its roles."""
    bylines = {row["id"]: row for row in byline_rows(data)}
    lost, added, kept = 0, Counter[tuple[str, str]](), []
    for article in articles(data / "reprints" / "docs.jsonl.gz"):
        row = bylines.get(article.id)
        if row is None:
            continue
        byline = Article(id=article.id, text="", byline=row["byline"])
        whole = Article(id=article.id, text=article.text, byline=row["byline"])
        alone, mentions = sources(read_mentions(byline)), read_mentions(whole)
        if alone <= sources(mentions):
            kept.append(str(article.id))
        else:
            lost += 1
        added.update((m.role, m.zone) for m in mentions if m.field == "text" and m.agency)
    print(f"bodies    articles {lost + len(kept):,}  byline's agencies lost {lost}")
    for (role, zone), count in added.most_common(25):
        print(f"    body       {role:28s} {zone:9s} {count:6,}")
    findings["bodies"] = kept


# ---- the table of markers ------------------------------------------------------------------------


def _breaks(example: str) -> str:
    return re.sub(r" ?\N{RETURN SYMBOL} ?", "\n", example)


def place_marker(example: str, row: Mapping[str, str], text: str = "") -> Article:
    """Return an article with the marker where it belongs; without a text, nothing but the marker."""
    position, example = row["position"], _breaks(example)
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines:
        field = {"text": "", "byline": example} if position in BY_LINE else {"text": example}
        return Article(id=ArticleId("alone"), **field)
    if position in (*BY_LINE, "telegram / headline"):
        body = "\n".join([example, *lines])
    elif position in ("dateline", "lead"):
        body = example + " " + "\n".join(lines)
    elif position == "caption":
        body = "\n".join([*lines[:1], example, *lines[1:]] if len(lines) > 1 else [example, text])
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
    return Article(id=ArticleId("placed"), text=body)


def marker_is_read(row: Mapping[str, str], mentions: Iterable[Mention]) -> bool:
    listed = list(mentions)
    if row["role"].startswith("TRAP"):
        return not any(m.agency and m.role in TEXT_SOURCE for m in listed)
    wanted = set(row["agency_id"].split("|")) if row["agency_id"] else set()
    same = [m for m in listed if m.role == row["role"]]
    if not same:
        return False
    if row["role"] in ("agency_staff_credit", "agency_end_marker", "autoblog_source_link"):
        return True
    return wanted <= {m.agency or "generic_agencies" for m in same}


def marker_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def reads(
    row: Mapping[str, str], place: Callable[[str], Article], change: Callable[[str], str] = str
) -> bool:
    """Whether an entry is read; one that shows several markers (``A ; B``) as a whole or one by one."""
    shown = row["example"]
    return any(
        marker_is_read(row, [m for one in ways for m in read_mentions(place(change(one)))])
        for ways in ([shown], shown.split(" ; "))
    )


def score_markers(path: Path, texts: list[str], findings: Findings, show: int) -> None:
    rows = marker_rows(path)
    rng = random.Random(1)
    for name, times in (("alone", 1), ("placed", PLACES)):
        kinds: defaultdict[str, list[bool]] = defaultdict(list)
        cells: defaultdict[str, defaultdict[str, list[bool]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row in rows:
            goods = []
            for text in rng.sample(texts, times):
                place = partial(place_marker, row=row, text="" if name == "alone" else text)
                goods.append(reads(row, place))
            trap = row["role"].startswith("TRAP")
            kind = "notice" if row["role"] in NOTICES else "agency"
            for key in ("trap",) if trap else ("marker", kind):
                kinds[key] += goods
            cells["role"][row["role"]] += goods
            cells["language"][row["lang"]] += goods
            if all(goods):
                findings.setdefault(f"markers {name}", []).append(row["id"])
            elif show:
                print(
                    f"    {name} {sum(goods)}/{times} {row['id']} {row['role']} {row['example']!r}"
                )
        print(
            f"markers   {name}: read {_parts(kinds, 'marker')}  with an agency {_parts(kinds, 'agency')}  "
            f"notices {_parts(kinds, 'notice')}  traps left alone {_parts(kinds, 'trap')}"
        )
        for title, table in cells.items():
            print_table(title, table, all_rows=False)


def _parts(kinds: Mapping[str, list[bool]], name: str) -> str:
    return share(sum(kinds[name]), len(kinds[name]))


_ALEFS = "[\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}\N{ARABIC LETTER ALEF WITH HAMZA BELOW}]"
_QUOTES = (
    '["\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}'
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}]"
)
_ARABIC = "[\N{ARABIC LETTER HAMZA}-\N{ARABIC LETTER YEH}]"


def _garble(text: str, written: str, read: str) -> str:
    try:
        return text.encode(written).decode(read)
    except UnicodeError:
        return text  # not a text that could have been garbled so


#: What a scraper leaves without a blank before a footer and behind it, in Latin and in Arabic letters.
_BEFORE_GLUE = (
    "The bridge was opened on Monday by the mayor of the town",
    "افتتح رئيس البلدية الجسر الجديد يوم الاثنين الماضي",
)
_BEHIND_GLUE = ("Share", "طباعة")


def _is_arabic(text: str) -> bool:
    return bool(re.search(_ARABIC, text))


TRANSFORMS: dict[str, Callable[[str], str]] = {
    "double spaces": lambda t: t.replace(" ", "  "),
    "no-break spaces": lambda t: t.replace(" ", "\N{NO-BREAK SPACE}"),
    "entities": lambda t: t.replace(" ", "&nbsp;"),
    "dots dropped": lambda t: re.sub(rf"(?<={_ARABIC})[.](?={_ARABIC})", " ", t),
    "hamza dropped": lambda t: re.sub(_ALEFS, "\N{ARABIC LETTER ALEF}", t),
    "tatweel": lambda t: re.sub(
        rf"(?<=[\N{{ARABIC LETTER BEH}}-\N{{ARABIC LETTER GHAIN}}])(?={_ARABIC})",
        "\N{ARABIC TATWEEL}",
        t,
        count=3,
    ),
    "tashkeel": lambda t: re.sub(rf"(?<={_ARABIC})(?={_ARABIC})", "\N{ARABIC FATHA}", t),
    "bidi marks": lambda t: "\N{RIGHT-TO-LEFT MARK}" + t.replace(" ", " \N{RIGHT-TO-LEFT MARK}"),
    "other quotes": lambda t: re.sub(_QUOTES, "\N{LEFT CURLY BRACKET}", t),
    "other dashes": lambda t: re.sub("[-\N{EN DASH}]", "\N{EM DASH}", t),
    "upper case": str.upper,
    "lower case": str.lower,
    "cp1256 as Latin-1": lambda t: _garble(t, "cp1256", "latin-1"),
    "UTF-8 as cp1256": lambda t: _garble(t, "utf-8", "cp1256"),
    "glued to a sentence": lambda t: f"{_BEFORE_GLUE[_is_arabic(t)]}.{t}",
    "glued to a button": lambda t: t + _BEHIND_GLUE[_is_arabic(t)],
    "glued on both sides": lambda t: (
        f"{_BEFORE_GLUE[_is_arabic(t)]}.{t}{_BEHIND_GLUE[_is_arabic(t)]}"
    ),
}


def score_robustness(path: Path, findings: Findings, show: int) -> None:
    """Change how markers are written; of those read as they are, how many are still read?"""
    rows = [row for row in marker_rows(path) if not row["role"].startswith("TRAP")]

    base = [row for row in rows if reads(row, partial(place_marker, row=row))]
    for name, change in TRANSFORMS.items():
        # only what closes a text is glued to its last sentence, or to the button below
        some = [r for r in base if r["position"].startswith(("footer", "end of"))]
        asked = some if name.startswith("glued") else base
        kept = [r["id"] for r in asked if reads(r, partial(place_marker, row=r), change)]
        print(f"robust    {name:20s} {share(len(kept), len(asked))}")
        findings[f"robust {name}"] = kept
        if show:
            lost = [row["example"] for row in asked if row["id"] not in kept]
            print("".join(f"    lost       {example!r}\n" for example in lost), end="")


# ---- running text --------------------------------------------------------------------------------

#: German bracket credits by a second, simpler hand: names, desk words and a date behind a sentence.
_CODES = {
    "dpa": "dpa", "apa": "apa_at", "afp": "afp", "reuters": "reuters", "ap": "ap", "sda": "sda_ats",
    "dpa-afx": "dpa", "keystone-sda": "sda_ats",
}  # fmt: skip
_CREDIT = re.compile(
    r"(?<=[.!?\"\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}]) ?"
    r"\((?P<inside>[\w, /+.-]{2,40})\)"
)


def score_brackets(data: Path) -> None:
    """Of German credits in brackets, anywhere in a text, how many are credited?"""
    right = of = 0
    for folder in ("same_story", "multiref"):
        for article in articles(data / folder / "docs.jsonl.gz"):
            if article.language != "de":
                continue
            credited = {
                (m.agency, start)
                for m in read_mentions(article)
                if m.role in CREDIT
                for start in range(*m.span)
            }
            for match in _CREDIT.finditer(article.text):
                words = re.findall(r"[a-z]+(?:-[a-z]+)?", match["inside"].lower())
                named = {_CODES[word] for word in words if word in _CODES}
                if not named or any(len(w) > 8 for w in words):
                    continue
                inside = range(*match.span())
                of += 1
                right += named <= {agency for agency, at in credited if at in inside}
    print(f"brackets  German, behind a sentence: {share(right, of)}")


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
        seen += [(article, m) for m in mentions]
    print(f"haystack  articles {total:,}  with a named text credit {with_source}")
    for role, count in roles.most_common():
        print(f"    role       {role:28s} {count}")
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
    best = float("inf")
    for _ in range(4):  # the first warms up
        begin = time.perf_counter()
        for text in texts:
            read_mentions(Article(id=ArticleId("x"), text=text))
        best = min(best, time.perf_counter() - begin)
    size = sum(len(t.encode()) for t in texts) / len(texts)
    print(
        f"speed     {best / len(texts) * 1e6:.0f} us an article of {size:,.0f} bytes, best of 4, one core"
    )


# ---- gains and losses ----------------------------------------------------------------------------


def compare(path: Path, findings: Findings, show: int) -> None:
    """Print what was gained and lost since the last run, then remember this one."""
    if path.exists():
        last: Findings = json.loads(path.read_text("utf-8"))
        for part in sorted(findings.keys() & last.keys()):
            before, now = set(last[part]), set(findings[part])
            print(f"since     {part:20s} gained {len(now - before)}  lost {len(before - now)}")
            for row in sorted(before - now)[: max(show, 5)]:
                print(f"    lost       {row!r}")
        findings = {**last, **findings}
    path.write_text(json.dumps(findings, ensure_ascii=False, indent=0), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", nargs="?", default=os.environ.get("PROVENANCE_DATA"), type=Path)
    parser.add_argument("--markers", type=Path)
    parser.add_argument("--last", type=Path)
    parser.add_argument("--show", type=int, default=0)
    parser.add_argument("--only", nargs="*", default=PARTS, choices=PARTS)
    args = parser.parse_args()
    if args.data is None:
        parser.error("give the data folder, or set PROVENANCE_DATA")
    findings: Findings = {}
    if "examples" in args.only:
        score_examples(findings, args.show)
    if "bylines" in args.only:
        score_bylines(args.data, findings, args.show)
    if "bodies" in args.only:
        score_bodies(args.data, findings)
    if args.markers and "markers" in args.only:
        rng = random.Random(7)
        texts = [
            a.text
            for a in articles(args.data / "haystack" / "docs.jsonl.gz")
            if not read_mentions(a)
        ]
        score_markers(args.markers, rng.sample(texts, 200), findings, args.show)
    if args.markers and "robustness" in args.only:
        score_robustness(args.markers, findings, args.show)
    if "brackets" in args.only:
        score_brackets(args.data)
    if "haystack" in args.only:
        score_haystack(args.data, args.show)
    if "speed" in args.only:
        score_speed(args.data)
    if args.last:
        compare(args.last, findings, args.show)


if __name__ == "__main__":
    main()
