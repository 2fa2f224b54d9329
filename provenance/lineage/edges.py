"""The edges of one story, drawn step by step.

Each step asks only what the earlier ones left open: collected parents from explicit evidence, then
pages and wires nobody collected, then further parents of what is still unexplained, then edges for
texts that match without a known way, then reports that are only cited.

Limits: one wire item an agency and story; an agency's own collected item is its wire item only for
the documents whose words match it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import exp, log

import attrs

from provenance.lineage.scene import Scene
from provenance.lineage.weighing import Candidate, choose_parents
from provenance.model import ArticleId, Edge, EdgeKind, Evidence, Link, Mention

__all__ = ["Edges", "draw_edges", "is_partial", "page_node", "source_node", "wire_node"]

#: Odds of anything certain are cut off here, at one in a million.
_LIMIT = 14.0

#: From this share on, a text is all there: the line that link kinds are drawn at.
_WHOLE = 0.8

#: Candidates within this share of the best new coverage explain a passage equally well.
_AS_GOOD = 0.9

#: So many documents that match without a known way have one unseen source; two may be each other's.
_FAMILY = 3


class Edges:
    """The edges drawn so far, with the questions that the next step asks of them."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[str, str], Edge] = {}
        self._parents: dict[str, list[str]] = defaultdict(list)
        self._cited: dict[str, list[str]] = defaultdict(list)

    def __iter__(self) -> Iterator[Edge]:
        return iter(self._drawn.values())

    def add(self, edge: Edge) -> None:
        """Draw an edge."""
        self._drawn[edge.parent, edge.child] = edge
        if edge.kind == "cites":
            self._cited[edge.child].append(edge.parent)
        elif edge.directed:
            self._parents[edge.child].append(edge.parent)

    def parents(self, child: str) -> Sequence[str]:
        """Return what a node took from, in the order drawn."""
        return self._parents.get(child, ())

    def make_compilation(self, child: str) -> None:
        """Say of all parents of a document that it was compiled from them."""
        for parent in self._parents[child]:
            known = self._drawn[parent, child]
            self._drawn[parent, child] = attrs.evolve(known, kind="compilation")

    def above(self, node: str, *, cited: bool = False) -> set[str]:
        """Return everything a node comes from, itself left out; on request what it cites too."""
        found: set[str] = set()
        waiting = [node]
        while waiting:
            below = waiting.pop()
            steps = [*self.parents(below), *(self._cited.get(below, ()) if cited else ())]
            waiting += [parent for parent in steps if parent not in found]
            found.update(steps)
        return found


def wire_node(agency: str) -> str:
    """Return the name of an agency's uncollected item."""
    return f"wire:{agency}"


def page_node(member: ArticleId) -> str:
    """Return the name of the page that a document was scraped from."""
    return f"page:{member}"


def source_node(number: int) -> str:
    """Return the name of a common source that nothing names."""
    return f"source:{number}"


def is_partial(scene: Scene, parent: str, child: ArticleId) -> bool:
    """Say whether a wire gave a document no more than a part, in the document's own words."""
    own = scene.credits[child]
    agency = parent.removeprefix("wire:")
    return parent.startswith("wire:") and (agency in own.part or agency in own.told)


def draw_edges(scene: Scene) -> Edges:
    """Draw all edges of a story."""
    edges = Edges()
    _draw_collected(scene, edges)
    for member in scene.articles:
        _draw_uncollected(scene, edges, member)
    for member in scene.articles:
        _draw_further(scene, edges, member)
    _draw_undecided(scene, edges)
    for member in scene.articles:
        _draw_cited(scene, edges, member)
    return edges


# ------------------------------------------------------------------------------ collected parents


def _draw_collected(scene: Scene, edges: Edges) -> None:
    """One collected parent for every document that explicit evidence gives one."""
    members = list(scene.articles)
    number = {member: position for position, member in enumerate(members)}
    by_rank = {member: position for position, member in enumerate(sorted(members, key=scene.rank))}
    candidates = []
    elsewhere: dict[int, list[float]] = {}
    for child in members:
        found = [parent for parent in scene.near[child] if scene.may_have_taken(parent, child)]
        if not found:
            continue
        wires = _wire_odds(scene, child)
        wrapper = scene.credits[child].wrapper
        page = wrapper.weight if wrapper else 0.0
        elsewhere[number[child]] = list(wires.values())
        if wrapper:
            elsewhere[number[child]].append(page + max(0.0, *wires.values(), 0.0))
        covered = {parent: scene.covered(child, parent) for parent in found}
        most = max(covered.values())
        for parent in found:
            explained = [wires[name] for name in scene.agencies(parent) if name in wires]
            candidates.append(
                Candidate(
                    child=number[child],
                    parent=number[parent],
                    log_odds=_pair_odds(*scene.way(parent, child))
                    - scene.spec.gap * (most - covered[parent])
                    + max(0.0, *explained, 0.0)
                    + page,
                    rank=by_rank[parent],
                )
            )
    chosen = choose_parents(
        len(members), candidates, elsewhere, min_probability=scene.spec.min_probability
    )
    for position, taken in chosen.items():
        _add_collected(scene, edges, members[taken.parent], members[position], taken.probability)


def _add_collected(
    scene: Scene, edges: Edges, parent: ArticleId, child: ArticleId, probability: float
) -> None:
    link = scene.near[child][parent]
    edges.add(
        Edge(
            parent=parent,
            child=child,
            kind=_kind(scene, link, parent, child),
            probability=probability,
            evidence=scene.reasons(link),
        )
    )


def _wire_odds(scene: Scene, child: ArticleId) -> dict[str, float]:
    """Log-odds of every agency as uncollected parent; an agency's collected item is none."""
    if scene.credits[child].issuer:
        return {}
    collected = {
        scene.credits[parent].issuer
        for parent in scene.near[child]
        if scene.may_have_taken(parent, child)
    }
    return {
        origin.agency: _log_odds(origin.probability)
        for origin in scene.origins[child]
        if origin.agency is not None and origin.agency not in collected
    }


def _kind(scene: Scene, link: Link, parent: ArticleId, child: ArticleId) -> EdgeKind:
    """The kind of an edge: a part that holds its whole source and more has been expanded."""
    if link.kind != "excerpt":
        return "common_source" if link.kind == "same_story" else link.kind
    held, taken = scene.covered(parent, child), scene.covered(child, parent)
    return "rewrite" if held >= _WHOLE > taken else "excerpt"


# ---------------------------------------------------------------------------- uncollected parents


def _draw_uncollected(scene: Scene, edges: Edges, child: ArticleId) -> None:
    """The page a document was scraped from and the wires its words came by."""
    own = scene.credits[child]
    if own.issuer:
        return
    collected = [ArticleId(parent) for parent in edges.parents(child)]
    if own.wrapper and not collected:
        edges.add(
            Edge(
                parent=page_node(child),
                child=child,
                kind="repost",
                probability=_logistic(own.wrapper.weight),
                evidence=(_said("wrapper", own.wrapper, page_node(child)),),
            )
        )
    known = _agencies_above(scene, edges, child)
    for agency, probability, kind, evidence in _wires(scene, child):
        if agency not in known and probability >= scene.spec.min_probability:
            edges.add(
                Edge(
                    parent=wire_node(agency),
                    child=child,
                    kind=kind,
                    probability=probability,
                    evidence=evidence,
                )
            )
    if sum(1 for parent in edges.parents(child) if not parent.startswith("page:")) > 1:
        edges.make_compilation(child)


def _agencies_above(scene: Scene, edges: Edges, child: ArticleId) -> set[str]:
    """Agencies whose words a collected parent already brings."""
    found: set[str] = set()
    for node in edges.above(child):
        member = ArticleId(node)
        if member in scene.articles:
            brought = scene.credits[member]
            found.update(scene.agencies(member), brought.agencies, brought.part, brought.told)
    return found


def _wires(
    scene: Scene, child: ArticleId
) -> list[tuple[str, float, EdgeKind, tuple[Evidence, ...]]]:
    """Agencies that gave a document words: its own credits, or else its credited copies."""
    own = scene.credits[child]
    found: list[tuple[str, float, EdgeKind, tuple[Evidence, ...]]] = []
    by_agency = {origin.agency: origin for origin in scene.origins[child]}
    named: tuple[tuple[str, dict[str, Mention], EdgeKind | None], ...] = (
        ("credit", dict(own.whole), None),
        ("credit", dict(own.part), "compilation"),
        ("told", {} if own.agencies else dict(own.told), "excerpt"),
    )
    for type_, mentions, kind in named:
        for agency, mention in mentions.items():
            origin = by_agency[agency]
            said: tuple[Evidence, ...] = (_said(type_, mention, wire_node(agency)),)
            if origin.basis == "credited copy":
                said += _witness(scene, child, agency)
            kept = kind if kind and origin.basis != "credited copy" else None
            found.append(
                (agency, origin.probability, kept or _wire_kind(scene, child, agency), said)
            )
    if found and any(agency in own.whole for agency, *_ in found):
        return found
    done = {agency for agency, *_ in found}
    for agency, probability in _supported(scene, child):
        if agency not in done:
            kind = _wire_kind(scene, child, agency)
            found.append((agency, probability, kind, _witness(scene, child, agency)))
    return found


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
        elif _adds(scene, words, explained):
            found.append((support.agency, 1.0 - exp(-support.strength)))
        else:
            continue
        explained |= words
    return found


def _adds(scene: Scene, words: int, explained: int) -> bool:
    """Say whether a set of words is a source of its own beside what is explained already."""
    return (words & ~explained).bit_count() >= scene.spec.passage and (
        words & explained
    ).bit_count() <= scene.spec.passage_repeats * explained.bit_count()


def _shared_with(scene: Scene, child: ArticleId, agency: str) -> int:
    """The set of a document's words that stand in documents credited to an agency."""
    found = 0
    for other in scene.near[child]:
        if agency in scene.credits[other].agencies:
            found |= scene.common(child, other)
    return found


def _wire_kind(scene: Scene, child: ArticleId, agency: str) -> EdgeKind:
    """An excerpt where another copy of the same item is longer, else a whole copy."""
    for other, link in scene.near[child].items():
        if link.kind == "excerpt" and agency in scene.agencies(other):
            taken, held = scene.covered(child, other), scene.covered(other, child)
            if taken > held:
                return "excerpt"
    return "repost"


def _witness(scene: Scene, child: ArticleId, agency: str) -> tuple[Evidence, ...]:
    """The credited copy that speaks for an agency, and whether others speak against."""
    found = []
    for support in scene.supports.get(child, ()):
        toward = wire_node(support.agency)
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


# ------------------------------------------------------------------------------- further parents


def _draw_further(scene: Scene, edges: Edges, child: ArticleId) -> None:
    """More collected parents, for passages that the parents so far do not have."""
    parents = edges.parents(child)
    if not parents or any(parent.startswith("page:") for parent in parents):
        return
    explained = _explained(scene, edges, child)
    added = False
    while True:
        above = edges.above(child)
        fitting = [
            other
            for other in scene.near[child]
            if other not in above
            and child not in edges.above(other)
            and scene.may_have_taken(other, child)
            and _adds(scene, scene.common(child, other), explained)
            and _taken(*scene.way(other, child)) >= scene.spec.min_probability
        ]
        if not fitting:
            break
        new = {other: (scene.common(child, other) & ~explained).bit_count() for other in fitting}
        most = max(new.values())
        best = min(
            (other for other in fitting if new[other] >= _AS_GOOD * most),
            key=lambda other: (-_taken(*scene.way(other, child)), scene.rank(other)),
        )
        _add_collected(scene, edges, best, child, _taken(*scene.way(best, child)))
        explained |= scene.common(child, best)
        added = True
    if added:
        edges.make_compilation(child)


def _explained(scene: Scene, edges: Edges, child: ArticleId) -> int:
    """The set of a document's words that its parents, or other copies of them, have."""
    parents = set(edges.parents(child))
    found = 0
    for other in scene.near[child]:
        if other in parents or parents & {
            name for name in edges.parents(other) if name.startswith("wire:")
        }:
            found |= scene.common(child, other)
    return found


# ------------------------------------------------------------------------- what stays undecided


def _draw_undecided(scene: Scene, edges: Edges) -> None:
    """Texts that match without a known way: an undirected edge, or an unseen common source."""
    group = _Groups()
    for edge in edges:
        group.join(edge.parent, edge.child)
    strongest_first = sorted(scene.links, key=lambda link: (-_most(link), link.a, link.b))
    loose = [link for link in strongest_first if group.join(link.a, link.b)]
    families = _Groups()
    orphans = {m for m in scene.articles if not edges.parents(m)}
    for link in scene.links:
        if link.a in orphans and link.b in orphans and _may_share_source(link):
            families.join(link.a, link.b)
    tied = {families.find(link.a) for link in loose if link.a in orphans and link.b in orphans}
    stars = [
        family
        for family in families.listed(sorted(orphans))
        if families.find(family[0]) in tied and _shares_unseen(edges, family)
    ]
    for number, family in enumerate(stars, start=1):
        for member in family:
            _add_common_source(scene, edges, source_node(number), ArticleId(member), family)
    in_star = {member: number for number, family in enumerate(stars) for member in family}
    for link in loose:
        if link.a in in_star and in_star.get(link.a) == in_star.get(link.b):
            continue
        edges.add(
            Edge(
                parent=link.a,
                child=link.b,
                kind=_kind(scene, link, link.a, link.b),
                probability=link.related,
                directed=False,
                evidence=scene.reasons(link),
            )
        )


def _may_share_source(link: Link) -> bool:
    """Versions of one outlet's text do not share a source; they are each other's."""
    direction = link.direction
    return direction.common_source >= max(direction.a_to_b, direction.b_to_a)


def _shares_unseen(edges: Edges, family: Sequence[str]) -> bool:
    """Say whether parentless documents have a source that nobody collected: none feeds another."""
    feeding = {edge.parent for edge in edges if edge.directed}
    return len(family) >= _FAMILY and not any(member in feeding for member in family)


def _add_common_source(
    scene: Scene, edges: Edges, source: str, child: ArticleId, family: Sequence[str]
) -> None:
    others = [ArticleId(name) for name in family if name in scene.near[child]]
    link = max(
        (scene.near[child][other] for other in others),
        key=lambda link: (link.direction.common_source, _most(link)),
    )
    edges.add(
        Edge(
            parent=source,
            child=child,
            kind="common_source",
            probability=link.related * link.direction.common_source,
            evidence=scene.reasons(link),
        )
    )


class _Groups:
    """Sets that are joined and never split."""

    def __init__(self) -> None:
        self._leader: dict[str, str] = {}

    def find(self, name: str) -> str:
        leader = self._leader.setdefault(name, name)
        while leader != self._leader[leader]:
            leader = self._leader[leader]
        self._leader[name] = leader
        return leader

    def join(self, one: str, other: str) -> bool:
        """Join two sets; say whether they were apart."""
        first, second = sorted((self.find(one), self.find(other)))
        self._leader[second] = first
        return first != second

    def listed(self, names: Sequence[str]) -> list[list[str]]:
        """Return the sets of two and more among `names`, in their order."""
        found: dict[str, list[str]] = {}
        for name in names:
            found.setdefault(self.find(name), []).append(name)
        return [group for group in found.values() if len(group) > 1]


# -------------------------------------------------------------------------------------- citations


def _draw_cited(scene: Scene, edges: Edges, child: ArticleId) -> None:
    """What a document only reports that an agency reported."""
    for agency, mention in scene.credits[child].cites.items():
        parent = _cited_item(scene, edges, agency, child)
        if parent in edges.parents(child):
            continue
        edges.add(
            Edge(
                parent=parent,
                child=child,
                kind="cites",
                probability=1.0,  # the text says so itself
                evidence=(_said(mention.role, mention, parent),),
            )
        )


def _cited_item(scene: Scene, edges: Edges, agency: str, child: ArticleId) -> str:
    """The agency's earliest collected item that can have been meant, else its uncollected one."""
    items = [
        member
        for member in sorted(scene.articles, key=scene.rank)
        if scene.credits[member].issuer == agency
        and member != child
        and (scene.order(member, child) or 1.0) > 0
        and child not in edges.above(member, cited=True)
    ]
    return items[0] if items else wire_node(agency)


# ---------------------------------------------------------------------------------------- figures


def _most(link: Link) -> float:
    return max(link.overlap.containment_a, link.overlap.containment_b)


def _taken(taken: float, common: float) -> float:
    """How likely one took from the other, where the reverse is out of the question."""
    return taken / (taken + common) if taken + common else 0.0


def _pair_odds(taken: float, common: float) -> float:
    return _log_odds(_taken(taken, common))


def _log_odds(probability: float) -> float:
    if probability <= 0.0:
        return -_LIMIT
    if probability >= 1.0:
        return _LIMIT
    return max(-_LIMIT, min(_LIMIT, log(probability / (1.0 - probability))))


def _logistic(log_odds: float) -> float:
    return 1.0 / (1.0 + exp(-log_odds))


def _said(type_: str, mention: Mention, toward: str) -> Evidence:
    return Evidence(
        type=type_,
        doc=mention.id,
        span=mention.span if mention.field == "text" else None,
        text=mention.text,
        weight=mention.weight,
        toward=toward,
    )
