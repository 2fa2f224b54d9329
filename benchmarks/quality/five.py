"""The five scraped articles: is everything found that must be, and nothing claimed that must not?

    python benchmarks/quality/five.py FOLDER

FOLDER holds the five texts this project was created from.  They are not part of the project; their
files begin with 000 to 004, and so do the rows below.
"""

from __future__ import annotations

import sys
from pathlib import Path

from provenance.engine.batch import Trace, trace
from provenance.ingest.reading import read_articles

#: Roles and agencies that must be read; an agency of ``*`` means: whichever.
MUST_FIND = {
    "000": [
        ("photo_credit", "afp"),
        ("photo_credit", "getty"),
        ("relayed_quote", "reuters"),
        ("translation_machine", "*"),
    ],
    "001": [
        ("autoblog_source_link", "*"),
        ("additional_sources", "ap"),
        ("translation_machine", "*"),
    ],
    "002": [("composite_credit", "*"), ("told_outlet", "afp"), ("photo_credit", "getty")],
    "003": [("contribution", "reuters"), ("translation_ai_reviewed", "*")],
    "004": [("official_agency_as_source", "kcna"), ("social_embed", "*")],
}

#: How often a role must be read where once is not enough.
MUST_COUNT = {
    ("000", "translation_machine"): 4,
    ("001", "autoblog_source_link"): 3,
    ("004", "official_agency_as_source"): 3,
    ("004", "social_embed"): 2,
}

#: Agencies that must not come out as the origin of the whole text.
NO_ORIGIN = {"000": {"afp", "reuters", "getty"}, "002": {"getty"}, "004": {"kcna"}}

#: Roles that must not be claimed.
NO_ROLE = {"003": {"translation_human"}}

STORIES = {("000", "001", "003"), ("002", "004")}


def check(found: Trace) -> list[tuple[str, bool]]:
    """Return every demand, and whether it is met."""
    short = {article.id: article.id[:3] for article in found.articles}
    read: dict[str, list[tuple[str, str | None]]] = {key: [] for key in short.values()}
    for mention in found.mentions:
        read[short[mention.id]].append((mention.role, mention.agency))
    rows = [
        (
            f"{key}: {role} {agency}",
            any(r == role and agency in {"*", a} for r, a in read[key]),
        )
        for key, wanted in MUST_FIND.items()
        for role, agency in wanted
    ]
    rows += [
        (f"{key}: {count} x {role}", sum(r == role for r, _ in read[key]) >= count)
        for (key, role), count in MUST_COUNT.items()
    ]
    rows += [
        (f"{key}: no {role}", all(r not in roles for r, _ in read[key]))
        for key, roles in NO_ROLE.items()
        for role in sorted(roles)
    ]
    for story in found.stories:
        for document in story.documents:
            key = short[document.id]
            claimed = {o.agency for o in document.origins if o.basis != "told"}
            rows.append((f"{key}: forbidden origins", not claimed & NO_ORIGIN.get(key, set())))
        derived = [
            edge
            for edge in story.edges
            if edge.parent in short and edge.child in short and edge.kind != "cites"
        ]
        rows.append((f"{story.story}: no derivation between documents", not derived))
    groups = {tuple(sorted(short[m] for m in story.members)) for story in found.stories}
    rows.append(("two stories: 000 001 003, 002 004", groups == STORIES))
    dates = {short[article]: value for article, value in found.dates.items()}
    rows.append(("002: the header date is refuted", dates["002"].latest < "2024-10-30"))
    rows.append(("004: not before 2023-09-14", dates["004"].earliest >= "2023-09-14"))
    masked = {short[article]: {m.reason for m in masks} for article, masks in found.masks.items()}
    rows.append(("000: comment form masked", "comment_form" in masked["000"]))
    rows.append(("001: repeated title masked", "repeated_title" in masked["001"]))
    return rows


def main() -> None:
    rows = check(trace(read_articles([Path(sys.argv[1])])))
    for demand, met in rows:
        print("met   " if met else "MISSED", demand)
    missed = sum(not met for _, met in rows)
    print(f"{len(rows) - missed} of {len(rows)} demands met")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
