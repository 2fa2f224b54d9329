"""Builds the sample corpus and its gold from ``stories/*.toml``.

Every sentence is written by hand, once.  What copies it does so by an instruction (``@id 2-4`` takes
paragraphs two to four of another article, ``edits`` change words, ``renders`` says whose paragraphs
a translation or a rewording renders), so who took what from whom is known by construction and never
measured.  Each paragraph remembers its *atoms* (the paragraph that first said it) and its *wording*
(the article whose words these are); links, spans and own shares follow from those two.

A block of an article's ``text`` is separated by a blank line and is one of

* ``@bridge-01-wire 1-3`` -- paragraphs of another article, after that article's own edits;
* ``~ ...`` -- furniture: credit lines, captions, widgets, titles (``{title}``); carries no atoms, and
  stands on the line of the block before it if it begins with ``<glue>``;
* anything else -- a paragraph of this article's own words.

Limits: a paragraph is the smallest unit, so a sentence moved between paragraphs is not followed.

Run ``python seeds/build_corpus.py`` to write the files, ``--check`` to compare them only.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import re
import sys
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Draft", "Paragraph", "build", "main"]

HERE = Path(__file__).resolve().parent
ARTICLE_FIELDS = ("id", "title", "byline", "publisher", "url", "published", "fetched", "language")

#: Roles by which a text's own words credit an agency with the whole text or a part of it.
CREDIT_ROLES = frozenset(
    {
        "syndicated_copy",
        "contribution",
        "additional_sources",
        "composite_credit",
        "agency_staff_credit",
        "agency_end_marker",
        "syndication_disclaimer",
        "republication_notice",
    }
)

#: Containment both ways from which a copy is whole; the interface's line between repost and excerpt.
WHOLE = 0.8

#: A paragraph below this many words (a flash, a sub-heading) makes no link by itself.
MIN_SHARED_WORDS = 12

BARE_ALEF = dict.fromkeys(
    map(
        ord,
        "\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}\N{ARABIC LETTER ALEF WITH HAMZA BELOW}"
        "\N{ARABIC LETTER ALEF WITH MADDA ABOVE}",
    ),
    "\N{ARABIC LETTER ALEF}",
)
FARSI = {
    ord("\N{ARABIC LETTER YEH}"): "\N{ARABIC LETTER FARSI YEH}",
    ord("\N{ARABIC LETTER ALEF MAKSURA}"): "\N{ARABIC LETTER FARSI YEH}",
    ord("\N{ARABIC LETTER KAF}"): "\N{ARABIC LETTER KEHEH}",
}
ARABIC_DIGITS = {ord("0") + n: chr(0x660 + n) for n in range(10)}
RETYPINGS: Mapping[str, Mapping[int, str]] = {
    "bare_alef": BARE_ALEF,
    "farsi_letters": FARSI,
    "arabic_digits": ARABIC_DIGITS,
}


@dataclasses.dataclass
class Paragraph:
    """A block of an article, and whose content and words it carries."""

    text: str
    atoms: frozenset[str] = frozenset()
    wording: str = ""
    span: tuple[int, int] = (0, 0)

    @property
    def words(self) -> int:
        return len(self.text.split())


@dataclasses.dataclass
class Draft:
    """An article under construction, with what is true of it."""

    spec: dict[str, Any]
    story: str
    blocks: list[Paragraph] = dataclasses.field(default_factory=list)
    text: str = ""

    @property
    def id(self) -> str:
        return str(self.spec["id"])

    @property
    def language(self) -> str:
        return str(self.spec["lang"])

    @property
    def content(self) -> list[Paragraph]:
        return [block for block in self.blocks if block.atoms]

    @property
    def parents(self) -> list[tuple[str, str, bool]]:
        return [
            (str(parent[0]), str(parent[1]), "undirected" not in parent[2:])
            for parent in self.spec.get("parents", ())
        ]

    @property
    def day(self) -> str:
        return str(self.spec.get("written") or self.spec["published"])[:10]


# ------------------------------------------------------------------------------------ the texts


def read_stories(folder: Path) -> list[dict[str, Any]]:
    """Return the story files in name order."""
    return [tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))]


def write_drafts(stories: Sequence[Mapping[str, Any]]) -> dict[str, Draft]:
    """Compose every article; an article must stand after those it takes from."""
    drafts: dict[str, Draft] = {}
    for story in stories:
        for spec in story["article"]:
            draft = Draft(spec=spec, story=story["story"])
            if draft.id in drafts:
                msg = f"{draft.id}: stands twice"
                raise SystemExit(msg)
            compose(draft, drafts)
            drafts[draft.id] = draft
    return drafts


def compose(draft: Draft, drafts: Mapping[str, Draft]) -> None:
    """Fill `draft.blocks` and `draft.text` from its instructions."""
    spec = draft.spec
    for block in re.split(r"\n[ \t]*\n", spec["text"].strip("\n")):
        draft.blocks.extend(read_block(draft, block, drafts))
    render(draft, drafts)
    for old, new in spec.get("edits", ()):
        hits = sum(block.text.count(old) for block in draft.blocks)
        if not hits:
            msg = f"{draft.id}: nothing to edit: {old!r}"
            raise SystemExit(msg)
        for block in draft.blocks:
            block.text = block.text.replace(old, new)
    for name in spec.get("retype", ()):
        for block in draft.blocks:
            block.text = block.text.translate(RETYPINGS[name])
    joiner = str(spec.get("joiner", "\n\n"))
    parts: list[str] = []
    position = 0
    for number, block in enumerate(draft.blocks):
        glued = number > 0 and block.text.startswith("<glue>")
        block.text = block.text.removeprefix("<glue>")
        if number and not glued:
            parts.append(joiner)
            position += len(joiner)
        block.span = (position, position + len(block.text))
        parts.append(block.text)
        position += len(block.text)
    draft.text = "".join(parts)


def read_block(draft: Draft, block: str, drafts: Mapping[str, Draft]) -> Iterator[Paragraph]:
    """Yield the paragraphs that one block of the source stands for."""
    if match := re.fullmatch(r"@(\S+) (\d+)(?:-(\d+))?", block.strip()):
        name, first, last = match[1], int(match[2]), int(match[3] or match[2])
        taken = drafts[name].content[first - 1 : last]
        if len(taken) != last - first + 1:
            msg = f"{draft.id}: {name} has no paragraphs {first}-{last}"
            raise SystemExit(msg)
        for paragraph in taken:
            yield dataclasses.replace(paragraph)
    elif block.startswith("~ "):
        yield Paragraph(text=block[2:].replace("{title}", str(draft.spec.get("title", ""))))
    else:
        number = sum(1 for p in draft.blocks if p.wording == draft.id) + 1
        yield Paragraph(text=block, atoms=frozenset({f"{draft.id}#{number}"}), wording=draft.id)


def render(draft: Draft, drafts: Mapping[str, Draft]) -> None:
    """Give the paragraphs that render another article's content that content's atoms."""
    own = [block for block in draft.blocks if block.wording == draft.id]
    position = 0
    for name, first, last in draft.spec.get("renders", ()):
        for source in drafts[name].content[first - 1 : last]:
            own[position].atoms = source.atoms
            position += 1


# ------------------------------------------------------------------------------------- the gold


def ancestors(draft: Draft, drafts: Mapping[str, Draft]) -> set[str]:
    """Return every node upstream of `draft`, unobserved ones too; citing is not taking."""
    found: set[str] = set()
    waiting = [name for name, kind, _ in draft.parents if kind != "cites"]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            if name in drafts:
                waiting += [p for p, kind, _ in drafts[name].parents if kind != "cites"]
    return found


def gold_links(drafts: Mapping[str, Draft]) -> list[dict[str, Any]]:
    """Return every pair that shares content, in identifier order."""
    up = {name: ancestors(draft, drafts) for name, draft in drafts.items()}
    names = sorted(drafts)
    return [
        link
        for number, a in enumerate(names)
        for b in names[number + 1 :]
        if (link := gold_link(drafts[a], drafts[b], up)) is not None
    ]


def gold_link(a: Draft, b: Draft, up: Mapping[str, set[str]]) -> dict[str, Any] | None:
    """Return the true relation of two articles, or None where nothing was taken."""
    pairs = [(p, q) for p in a.content for q in b.content if p.atoms & q.atoms]
    if sum(min(p.words, q.words) for p, q in pairs) < MIN_SHARED_WORDS:
        return None
    same = [(p, q) for p, q in pairs if p.wording == q.wording]
    words_same = sum(p.words for p, _ in same)
    if a.language != b.language:
        kind, shown, view = "translation", pairs, "anchors"
    elif words_same * 2 >= sum(p.words for p, _ in pairs):
        shown, view = same, "verbatim"
        whole = all(
            covered / sum(p.words for p in draft.content) >= WHOLE
            for draft, covered in (
                (a, sum({id(p): p.words for p, _ in same}.values())),
                (b, sum({id(q): q.words for _, q in same}.values())),
            )
        )
        kind = "repost" if whole else "excerpt"
        if (a.id, "update") in [p[:2] for p in b.parents] or (b.id, "update") in [
            p[:2] for p in a.parents
        ]:
            kind = "update"
    else:
        kind, shown, view = "rewrite", pairs, "wording"
    direction = {"a_to_b": 0.0, "b_to_a": 0.0, "common_source": 0.0}
    key = "a_to_b" if a.id in up[b.id] else "b_to_a" if b.id in up[a.id] else "common_source"
    direction[key] = 1.0
    return {
        "a": a.id,
        "b": b.id,
        "kind": kind,
        "related": 1.0,
        "direction": direction,
        "overlap": overlap(a.text, b.text),
        "spans": [{"a": list(p.span), "b": list(q.span), "view": view} for p, q in shown],
        "evidence": [],
    }


def shingles(text: str) -> set[tuple[str, ...]]:
    """Return the three-word shingles of a text, folded just far enough to see a re-typed copy."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    plain = plain.casefold().translate(FARSI).replace("\N{ARABIC TATWEEL}", "")
    words = re.findall(r"\w+", re.sub(r"\d", lambda m: str(unicodedata.digit(m[0])), plain))
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}


def overlap(a: str, b: str) -> dict[str, float]:
    """Return how much two whole texts share; the only measured figures of the gold."""
    first, second = shingles(a), shingles(b)
    shared = len(first & second)
    return {
        "jaccard": round(shared / len(first | second), 4),
        "containment_a": round(shared / len(first), 4),
        "containment_b": round(shared / len(second), 4),
    }


def find_all(haystack: str, needle: str) -> list[tuple[int, int]]:
    """Return the spans of `needle`, left to right."""
    spans = []
    start = haystack.find(needle)
    while start >= 0:
        spans.append((start, start + len(needle)))
        start = haystack.find(needle, start + len(needle))
    return spans


def gold_mentions(
    drafts: Mapping[str, Draft], stories: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the mentions: those an article lists and those its story lists for every copy."""
    common = {story["story"]: story.get("phrases", []) for story in stories}
    records: list[dict[str, Any]] = []
    for name in sorted(drafts):
        draft = drafts[name]
        rows = []
        for entry in draft.spec.get("mentions", ()):
            role, agency, zone, phrase, *rest = entry
            field = rest[0] if rest else "text"
            where = draft.text if field == "text" else str(draft.spec[field])
            spans = find_all(where, phrase)
            if len(spans) != 1:
                msg = f"{name}: {phrase!r} stands {len(spans)} times in {field}"
                raise SystemExit(msg)
            rows.append((field != "byline", field, spans[0], role, agency, zone, phrase))
        for role, agency, zone, phrase in common[draft.story]:
            rows += [
                (True, "text", span, role, agency, zone, phrase)
                for span in find_all(draft.text, phrase)
            ]
        for _, field, span, role, agency, zone, phrase in sorted(rows):
            record = {
                "id": name,
                "agency": agency or None,
                "role": role,
                "zone": zone,
                "span": list(span),
                "text": phrase,
                "rule": "gold",
                "weight": 0.0,
                "language": draft.language,
            }
            if field != "text":
                record["field"] = field
            records.append(record)
    return records


def gold_traps(drafts: Mapping[str, Draft]) -> list[dict[str, Any]]:
    """Return the words that look like a source and are none."""
    records = []
    for name in sorted(drafts):
        draft = drafts[name]
        for phrase, why, *rest in draft.spec.get("traps", ()):
            field = rest[0] if rest else "text"
            spans = find_all(draft.text if field == "text" else str(draft.spec[field]), phrase)
            if len(spans) != 1:
                msg = f"{name}: trap {phrase!r} stands {len(spans)} times"
                raise SystemExit(msg)
            record = {"id": name, "span": list(spans[0]), "text": phrase, "why": why}
            records.append(record if field == "text" else {**record, "field": field})
    return records


def agencies_of(draft: Draft, drafts: Mapping[str, Draft]) -> list[str]:
    """Return the agencies whose text `draft` carries, in the order of its parents."""
    found: list[str] = []
    if agency := draft.spec.get("agency"):
        found.append(agency)
    for name, kind, _ in draft.parents:
        if kind == "cites":
            continue
        more = [name.removeprefix("wire:")] if name.startswith("wire:") else []
        if name in drafts:
            more = agencies_of(drafts[name], drafts)
        found += [agency for agency in more if agency not in found]
    return found


def gold_story(
    story: Mapping[str, Any],
    drafts: Mapping[str, Draft],
    mentions: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return one story: members, nodes, edges, origins and the number of independent texts."""
    members = sorted(name for name, draft in drafts.items() if draft.story == story["story"])
    edges = sorted(
        (parent, name, kind, directed)
        for name in members
        for parent, kind, directed in drafts[name].parents
    )
    hidden = sorted({parent for parent, *_ in edges if parent not in drafts})
    credited = {
        (m["id"], m["agency"])
        for m in mentions
        if m["role"] in CREDIT_ROLES and m["agency"] is not None
    }
    told = {(m["id"], m["agency"]) for m in mentions if m["role"] == "told_outlet"}
    documents = []
    for name in members:
        origins = []
        for agency in agencies_of(drafts[name], drafts):
            if (name, agency) in credited:
                basis = "own credit"
            elif any((other, agency) in credited for other in members):
                basis = "credited copy"
            elif (name, agency) in told:
                basis = "told"
            else:
                basis = "none"
            origins.append({"agency": agency, "probability": 1.0, "basis": basis})
        day = drafts[name].day
        documents.append(
            {
                "id": name,
                "origins": origins,
                "published": [day, day],
                "own_share": own_share(drafts[name], [drafts[m] for m in members if m != name]),
            }
        )
    days = sorted(drafts[name].day for name in members)
    return {
        "story": story["story"],
        "members": members,
        "interval": [days[0], days[-1]],
        "nodes": [{"node": name, "type": "document"} for name in members]
        + [hidden_node(name) for name in hidden],
        "edges": [
            {"parent": parent, "child": child, "kind": kind, "probability": 1.0}
            | ({} if directed else {"directed": False})
            | {"evidence": []}
            for parent, child, kind, directed in edges
        ],
        "documents": documents,
        "independent_sources": independent_sources(members, drafts),
    }


def hidden_node(name: str) -> dict[str, Any]:
    """Return the node of a text nobody collected."""
    node = {"node": name, "type": "unobserved"}
    return node | ({"agency": name.removeprefix("wire:")} if name.startswith("wire:") else {})


def independent_sources(members: Sequence[str], drafts: Mapping[str, Draft]) -> int:
    """Count the texts of a story that were written from nothing the story holds.

    Those are the collected articles with reporting of their own, and the unobserved texts that the
    others took from.  A text that is only cited was not taken; an agency that gave a passage to an
    article of somebody's own is no further report of the event.
    """
    roots = set()
    for name in members:
        taken = [parent for parent, kind, _ in drafts[name].parents if kind != "cites"]
        if not taken or drafts[name].spec.get("original"):
            roots.add(name)
        else:
            roots.update(parent for parent in taken if parent not in drafts)
    return len(roots)


def own_share(draft: Draft, others: Sequence[Draft]) -> float:
    """Return the share of a text's words in paragraphs that stand in no other article."""
    elsewhere = {(p.atoms, p.wording) for other in others for p in other.content}
    words = sum(p.words for p in draft.content)
    own = sum(p.words for p in draft.content if (p.atoms, p.wording) not in elsewhere)
    return round(own / words, 4) if words else 0.0


# ------------------------------------------------------------------------------------ the files


def article_record(draft: Draft) -> dict[str, Any]:
    """Return the line of ``articles.jsonl``, in the order the interface writes."""
    record = {field: draft.spec[field] for field in ARTICLE_FIELDS if draft.spec.get(field)}
    return {**record, "text": draft.text}


def arrival(name: str) -> str:
    """Return a key that puts articles in an order telling neither time nor lineage."""
    return hashlib.blake2b(name.encode(), digest_size=8).hexdigest()


def build(folder: Path = HERE) -> dict[str, str]:
    """Return every file of the corpus, by path below `folder`."""
    stories = read_stories(folder / "stories")
    drafts = write_drafts(stories)
    mentions = gold_mentions(drafts, stories)
    files = {
        "articles.jsonl": [article_record(drafts[n]) for n in sorted(drafts, key=arrival)],
        "gold/links.jsonl": gold_links(drafts),
        "gold/mentions.jsonl": mentions,
        "gold/stories.jsonl": [gold_story(story, drafts, mentions) for story in stories],
        "gold/traps.jsonl": gold_traps(drafts),
    }
    return {
        name: "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        for name, records in files.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or with ``--check`` say which differ from what is on disk."""
    parser = argparse.ArgumentParser(description="Build the sample corpus and its gold.")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 on a difference"
    )
    check = parser.parse_args(arguments).check
    stale = 0
    for name, text in build().items():
        path = HERE / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale += 1
        print(f"{'differs' if check else 'written'}: {name}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
    return int(check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
