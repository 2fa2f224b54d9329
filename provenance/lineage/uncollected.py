"""Parents that nobody collected: agencies' wire items and pages behind scrapers' wrappers.

A wire item is drawn where the text's own words credit the agency, or where credited copies speak for
a text that lost its credit; not where a collected parent brings the agency's words already.

Limits: one wire item an agency and story.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import exp

import attrs

from provenance.lineage.credits import names_outlet
from provenance.lineage.edges import Edges, said_by
from provenance.lineage.odds import logistic
from provenance.lineage.scene import Scene
from provenance.model import ArticleId, Edge, EdgeKind, Evidence, Mention

__all__ = ["draw_uncollected"]


@attrs.frozen(kw_only=True)
class _Wire:
    """An agency that gave a document words, and how.

    Attributes:
        own_words: The document names it itself.
    """

    agency: str
    probability: float
    kind: EdgeKind
    partial: bool
    evidence: tuple[Evidence, ...]
    own_words: bool = True


def draw_uncollected(scene: Scene, edges: Edges) -> None:
    """Draw the pages that documents were scraped from and the wires their words came by."""
    bringing = {agency: edges.mask(members) for agency, members in _bringing(scene).items()}
    for child in scene.articles:
        _draw_uncollected(scene, edges, child, bringing)


def _bringing(scene: Scene) -> dict[str, list[ArticleId]]:
    """By agency, the documents that have words of it."""
    found: dict[str, list[ArticleId]] = defaultdict(list)
    for member in scene.articles:
        brought = scene.credits[member]
        agencies = {*scene.agencies(member), *brought.agencies, *brought.part, *brought.told}
        for agency in agencies:
            found[agency].append(member)
    return found


def _draw_uncollected(
    scene: Scene, edges: Edges, child: ArticleId, bringing: Mapping[str, int]
) -> None:
    own = scene.credits[child]
    if not edges.parents(child):
        _draw_named_original(scene, edges, child)
    if own.wrapper and not edges.parents(child):
        edges.add(
            Edge(
                parent=scene.hidden.page(child),
                child=child,
                kind="repost",
                probability=logistic(own.wrapper.weight),
                evidence=(said_by("wrapper", own.wrapper, scene.hidden.page(child)),),
            )
        )
    above = edges.above(child)
    for wire in _wires(scene, child):
        # A collected parent may bring the agency's words already.
        known = (
            wire.agency == own.issuer
            or above & bringing.get(wire.agency, 0)
            or (not wire.own_words and _item_at_hand(scene, child, wire.agency))
        )
        if known or wire.probability < scene.spec.min_probability:
            continue
        item = _item_in_other_language(scene, edges, child, wire.agency)
        parent = item or scene.hidden.wire(wire.agency)
        whole = own.translated or not wire.partial
        edges.add(
            Edge(
                parent=parent,
                child=child,
                kind="translation" if item and whole else wire.kind,
                probability=wire.probability,
                evidence=tuple(attrs.evolve(said, toward=parent) for said in wire.evidence),
            )
        )
        if wire.partial and not (item and whole):
            edges.partial.add((parent, child))
    if sum(1 for parent in edges.parents(child) if not scene.hidden.is_page(parent)) > 1:
        edges.make_compilation(child)


def _draw_named_original(scene: Scene, edges: Edges, child: ArticleId) -> None:
    """The other language's text that a document says it is taken from, by the outlet's name."""
    for notice in scene.credits[child].republished:
        for other in scene.elsewhere(child):
            if _readable_elsewhere(scene, edges, other, child) and names_outlet(
                notice.text, scene.articles[other].publisher
            ):
                edges.add(
                    Edge(
                        parent=other,
                        child=child,
                        kind="translation",
                        probability=logistic(notice.weight),
                        evidence=(said_by("outlet", notice, other),),
                    )
                )
                return


def _item_at_hand(scene: Scene, child: ArticleId, agency: str) -> bool:
    """Say whether the agency's own item was collected and matches, so that no unseen one is needed."""
    return any(
        scene.credits[other].issuer == agency and (scene.order(other, child) or 1.0) > 0
        for other in scene.near[child]
    )


def _item_in_other_language(
    scene: Scene, edges: Edges, child: ArticleId, agency: str
) -> ArticleId | None:
    """The agency's own collected item, if only its language kept the words from matching.

    In the document's own language the words would have matched: that is then another item.
    """
    for item in scene.elsewhere(child):
        if scene.credits[item].issuer == agency and _readable_elsewhere(scene, edges, item, child):
            return item
    return None


def _readable_elsewhere(scene: Scene, edges: Edges, parent: ArticleId, child: ArticleId) -> bool:
    """Say whether time and edges let a text in another language be a document's original."""
    minutes = scene.order(parent, child)
    return (minutes is None or minutes > 0) and not edges.comes_from(parent, child)


def _wires(scene: Scene, child: ArticleId) -> list[_Wire]:
    """Agencies that gave a document words: its own credits, or else its credited copies.

    A part credited, or a statement told, is the whole text after all where a copy that holds the
    text credits the agency with it.
    """
    own = scene.credits[child]
    claimed = bool(own.whole or own.issuer)
    likely = {origin.agency: origin.probability for origin in scene.origins[child]}
    supported = () if claimed else _supported(scene, child)
    likely.update(supported)
    copied = {agency for agency, _ in supported}
    found: dict[str, _Wire] = {}
    named: tuple[tuple[str, Mapping[str, Mention], EdgeKind], ...] = (
        ("credit", own.whole, "repost"),
        ("credit", own.part, "compilation"),
        ("told", {} if claimed else own.told, "excerpt"),
    )
    for type_, mentions, kind in named:
        for agency, mention in mentions.items():
            partial = kind != "repost" and agency not in copied
            evidence = (said_by(type_, mention, scene.hidden.wire(agency)),)
            found[agency] = _Wire(
                agency=agency,
                probability=likely[agency],
                kind=kind if partial else _wire_kind(scene, child, agency),
                partial=partial,
                evidence=(*evidence, *_witness(scene, child, agency)),
            )
    for agency in sorted(copied - set(found)):
        found[agency] = _Wire(
            agency=agency,
            probability=likely[agency],
            kind=_wire_kind(scene, child, agency),
            partial=False,
            evidence=_witness(scene, child, agency),
            own_words=False,
        )
    return list(found.values())


def _supported(scene: Scene, child: ArticleId) -> list[tuple[str, float]]:
    """The best-supported agency, and those whose copies explain words that the better ones do not.

    Two agencies supported by the same words are a conflict, of which the better stays; by different
    words they are two sources.
    """
    found: list[tuple[str, float]] = []
    explained = 0
    for support in scene.supports.get(child, ()):
        words = _shared_with(scene, child, support.agency)
        if not found:
            found.append((support.agency, support.probability))
        elif scene.adds(words, explained):
            found.append((support.agency, 1.0 - exp(-support.strength)))
        else:
            continue
        explained |= words
    return found


def _shared_with(scene: Scene, child: ArticleId, agency: str) -> int:
    """The set of a document's words that stand in documents credited to an agency."""
    found = 0
    for other in scene.near[child]:
        if agency in scene.credits[other].agencies:
            found |= scene.passages.common(child, other)
    return found


def _wire_kind(scene: Scene, child: ArticleId, agency: str) -> EdgeKind:
    """How a document took an item nobody collected, judged by the item's other takers.

    Shorter than another: an excerpt.  Tied to them by rewordings alone: a rewrite.  Alone in its
    language among more of one other, or itself called a translation: a translation.
    """
    links = [
        (other, link)
        for other, link in scene.near[child].items()
        if agency in scene.agencies(other)
    ]
    language = scene.articles[child].language
    takers = scene.takers.get(agency, {})
    same = takers.get(language, 0) - (agency in scene.agencies(child))
    foreign = max((n for name, n in takers.items() if name not in ("", language)), default=0)
    if language and not same and foreign > (0 if scene.credits[child].translated else 1):
        return "translation"
    if links and all(link.kind == "rewrite" for _, link in links):
        return "rewrite"
    for other, link in links:
        taken, held = scene.passages.covered(child, other), scene.passages.covered(other, child)
        if link.kind == "excerpt" and taken > held:
            return "excerpt"
    return "repost"


def _witness(scene: Scene, child: ArticleId, agency: str) -> tuple[Evidence, ...]:
    """The credited copy that speaks for an agency, and whether others speak against."""
    found = []
    for support in scene.supports.get(child, ()):
        toward = scene.hidden.wire(support.agency)
        if support.agency == agency or support.contested:
            witness = support.witness
            found.append(
                Evidence(
                    type="credited copy" if support.agency == agency else "conflict",
                    doc=support.copy,
                    span=witness.span if witness and witness.field == "text" else None,
                    text=witness.text if witness else f"published by {support.agency} itself",
                    weight=support.strength,
                    toward=toward,
                )
            )
    return tuple(found)
