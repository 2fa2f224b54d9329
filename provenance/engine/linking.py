"""Matches of text become links between articles: identifiers, direction, evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import attrs

from provenance.attribution.catalogue import load_catalogue
from provenance.engine.crediting import Reading
from provenance.lineage.direction import judge_direction
from provenance.model import AlignedSpan, Article, Direction, Link, Overlap
from provenance.text.folding import fold_text
from provenance.verify.matching import Match

__all__ = ["NO_DIRECTION", "agencies_among", "link_matches"]

#: Of a link that nobody judged yet, or where nothing was taken.
NO_DIRECTION = Direction(a_to_b=0.0, b_to_a=0.0, common_source=0.0)


def agencies_among(publishers: Iterable[str], catalogue: Path | None = None) -> dict[str, str]:
    """Return the outlets that are news agencies themselves, with their catalogue identifiers.

    A name that several agencies share tells nothing and is left out; so is an agency of pictures.

    Args:
        publishers: Names of outlets.
        catalogue: File with agencies beyond the packaged ones.
    """
    known = load_catalogue(catalogue)
    found = {}
    for publisher in {name for name in publishers if name}:
        first, _, rest = publisher.partition(" ")
        bare = rest if fold_text(first) in _agency_words() else ""
        its = known.named(publisher) or known.named(bare)
        named = [a for a in its if a.kind not in {"photo-only", "pseudo"}]
        if len(named) == 1:
            found[publisher] = named[0].id
    return found


@cache
def _agency_words() -> frozenset[str]:
    """What languages write before the name of an agency, folded."""
    return frozenset(
        map(
            fold_text,
            (
                "وكالة",
                "خبرگزاری",
                "Agence",
                "Agencia",
                "Agência",
                "Agenzia",
                "Agentur",
                "Агентство",
            ),
        )
    )


def link_matches(
    matches: Sequence[Match],
    articles: Sequence[Article],
    readings: Sequence[Reading],
    agencies: Mapping[str, str] | None,
) -> list[Link]:
    """Return one link a match, `a` before `b` in identifier order, sorted by both.

    `agencies` are those among the outlets, from :func:`agencies_among`; with ``None`` nobody judges who
    took from whom.
    """
    links = []
    for match in matches:
        first, second = match.a, match.b
        link = Link(
            a=articles[first].id,
            b=articles[second].id,
            kind=match.kind,
            related=match.related,
            direction=NO_DIRECTION,
            overlap=match.overlap,
            spans=match.spans,
        )
        if link.a > link.b:
            link, first, second = _turned(link), second, first
        if agencies is None:
            links.append(attrs.evolve(link, evidence=match.evidence))
            continue
        judged = judge_direction(
            link,
            articles[first],
            articles[second],
            readings[first].mentions,
            readings[second].mentions,
            readings[first].dates,
            readings[second].dates,
            agencies=agencies,
        )
        links.append(attrs.evolve(judged, evidence=(*match.evidence, *judged.evidence)))
    return sorted(links, key=lambda link: (link.a, link.b))


def _turned(link: Link) -> Link:
    """The same link with its ends exchanged."""
    return attrs.evolve(
        link,
        a=link.b,
        b=link.a,
        overlap=Overlap(
            jaccard=link.overlap.jaccard,
            containment_a=link.overlap.containment_b,
            containment_b=link.overlap.containment_a,
        ),
        spans=tuple(AlignedSpan(a=s.b, b=s.a, view=s.view) for s in link.spans),
    )
