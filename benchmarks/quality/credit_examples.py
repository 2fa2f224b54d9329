"""The written examples of credits: how they are split, placed into a text, and judged.

``seeds/catalogue/examples`` holds, for each language, what the world's press prints about its
sources and, as role ``none``, what only looks like it.  They were written before the grammar that is
measured on them and independently of every table of markers.  A third of them, chosen by a digest of
their text, is kept out: nobody reads its single results, only its share.  A second series, in the
folder ``second``, was written when the grammar for the first was finished, and was measured once
before anything was changed for it; a third, in ``third``, in the same way after the second.

An example is read when a mention has its role and agency and no other agency is credited with the
text; a counter-example is left alone when nothing is said about where the text comes from.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import attrs

from provenance.attribution.reading import read_mentions
from provenance.model import Article, ArticleId, Mention

__all__ = [
    "NOTICES",
    "TEXT_SOURCE",
    "Example",
    "is_right",
    "place_alone",
    "place_in_article",
    "read_examples",
]

SOURCE = Path(__file__).resolve().parents[2] / "seeds" / "catalogue" / "examples"

#: Roles that make the named agency a source of the text.
TEXT_SOURCE = frozenset(
    {
        "syndicated_copy",
        "contribution",
        "composite_credit",
        "additional_sources",
        "told_outlet",
        "agency_staff_credit",
        "agency_end_marker",
    }
)
#: Roles that need no agency: notices that are phrases.
NOTICES = frozenset(
    {
        "translation_human",
        "translation_machine",
        "translation_ai_reviewed",
        "republication_notice",
        "autoblog_source_link",
        "publisher_self_credit",
        "agency_staff_credit",
        "agency_end_marker",
        "syndication_disclaimer",
        "social_embed",
        "told_own_outlet",
    }
)
_SAYS_NOTHING = frozenset(
    {"topic_mention", "cited_report", "official_agency_as_source", "relayed_quote", "photo_credit"}
)
#: House marks: whose they are is often left to the reader.
_MARKS = frozenset({"agency_staff_credit", "agency_end_marker"})


@attrs.frozen(kw_only=True)
class Example:
    """One credit, or one text that only looks like a credit.

    Attributes:
        language: BCP 47 tag.
        role: What it says, or ``none`` for a counter-example.
        agencies: Catalogue identifiers that it names; empty for none.
        position: Where in an article it stands.
        text: The credit itself, in a dateline or a body with its sentence.
        series: When it was written: ``first``, ``second`` or ``third``.
    """

    language: str
    role: str
    agencies: frozenset[str]
    position: str
    text: str
    series: str = "first"

    @property
    def trap(self) -> bool:
        """Whether it is a counter-example."""
        return self.role == "none"

    @property
    def kept_out(self) -> bool:
        """Whether it belongs to the third that is only ever scored as a whole."""
        return hashlib.sha256(self.text.encode()).digest()[0] % 3 == 0

    @property
    def kind(self) -> str:
        """``trap``, ``notice`` for a phrase without an agency, else ``agency``."""
        if self.trap:
            return "trap"
        return "notice" if self.role in NOTICES else "agency"


def read_examples(source: Path = SOURCE) -> list[Example]:
    """Return every example, by language and in the order of its file."""
    examples = []
    for path in sorted(source.rglob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                agencies = [] if row["agency"] == "-" else row["agency"].split("|")
                examples.append(
                    Example(
                        language=path.stem,
                        role=row["role"],
                        agencies=frozenset(agencies),
                        position=row["position"],
                        text=row["text"].replace(" \N{RETURN SYMBOL} ", "\n"),
                        series="first" if path.parent == source else path.parent.name,
                    )
                )
    return examples


def place_alone(example: Example) -> Article:
    """Return an article that is nothing but the example."""
    if example.position in ("byline", "title"):
        fields = {example.position: example.text}
        return Article(id=ArticleId("alone"), text="", **fields)
    return Article(id=ArticleId("alone"), text=example.text)


def place_in_article(example: Example) -> Article:
    """Return an unrelated article of the same language with the example where it belongs."""
    first, second, third = _contexts()[example.language]
    fields = {}
    if example.position in ("byline", "title"):
        fields[example.position] = example.text
        lines = [first, second, third]
    elif example.position in ("dateline", "lead"):
        lines = [example.text, first, second, third]
    elif example.position == "caption":
        lines = [first, example.text, second, third]
    elif example.position == "footer":
        lines = [first, second, third, example.text]
    elif example.position == "end of text":
        lines = [first, second, f"{third} {example.text}"]
    else:
        lines = [first, f"{second} {example.text}", third]
    return Article(id=ArticleId("placed"), text="\n".join(lines), **fields)


def is_right(example: Example, mentions: Iterable[Mention]) -> bool:
    """Whether an example is read for what it says, or a counter-example left alone."""
    listed = list(mentions)
    if example.trap:
        return all(m.role in _SAYS_NOTHING for m in listed)
    marks = _MARKS if example.role in _MARKS else frozenset()
    credited = {m.agency for m in listed if m.agency and m.role in TEXT_SOURCE - marks}
    if not credited <= (example.agencies if example.role in TEXT_SOURCE else set()):
        return False
    same = [m for m in listed if m.role == example.role]
    if example.role in _MARKS:
        return bool(same)
    named = {m.agency or "generic_agencies" for m in same}
    return bool(same) and example.agencies <= named


def read_both_ways(example: Example) -> tuple[bool, bool]:
    """Return whether it is read right alone, and in an unrelated article."""
    return (
        is_right(example, read_mentions(place_alone(example))),
        is_right(example, read_mentions(place_in_article(example))),
    )


@cache
def _contexts() -> dict[str, list[str]]:
    return tomllib.loads((SOURCE / "contexts.toml").read_text("utf-8"))
