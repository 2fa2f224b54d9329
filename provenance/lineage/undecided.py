"""What matches without a known way, and what is only cited.

Two texts that match and say nothing of each other are joined by an undirected edge.  Three or more,
none of which feeds another, are drawn below an unseen common source, because that needs one
unseen text where any order among them needs several unseen decisions.

Limits: two texts are never given an unseen source; one may well be the other's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from provenance.lineage.edges import Edges, said_by
from provenance.lineage.scene import Scene
from provenance.model import ArticleId, Edge, Link

__all__ = ["draw_cited", "draw_undecided"]

#: So many documents that match without a known way have one unseen source; two may be each other's.
_FAMILY = 3


def draw_undecided(scene: Scene, edges: Edges) -> None:
    """Draw texts that match without a known way: an undirected edge, or an unseen common source."""
    group = _Groups()
    for edge in edges:
        group.join(edge.parent, edge.child)
    strongest_first = sorted(scene.links, key=lambda link: (-link_strength(link), link.a, link.b))
    loose = [link for link in strongest_first if group.join(link.a, link.b)]
    families = _Groups()
    orphans = {m for m in scene.articles if not edges.parents(m)}
    for link in scene.links:
        if link.a in orphans and link.b in orphans and _may_share_source(link):
            families.join(link.a, link.b)
    tied = {families.find(link.a) for link in loose if link.a in orphans and link.b in orphans}
    feeding = {edge.parent for edge in edges if edge.directed}
    # Three and more, none of which feeds another, have a source that nobody collected.
    stars = [
        family
        for family in families.listed(sorted(orphans))
        if families.find(family[0]) in tied
        and len(family) >= _FAMILY
        and feeding.isdisjoint(family)
    ]
    for number, family in enumerate(stars, start=1):
        around = frozenset(family)
        for member in family:
            _add_common_source(scene, edges, scene.hidden.source(number), ArticleId(member), around)
    in_star = {member: number for number, family in enumerate(stars) for member in family}
    for link in loose:
        if link.a in in_star and in_star.get(link.a) == in_star.get(link.b):
            continue
        edges.add(
            Edge(
                parent=link.a,
                child=link.b,
                kind=scene.kind(link.a, link.b),
                probability=link.related,
                directed=False,
                evidence=scene.reasons(link),
            )
        )


def _may_share_source(link: Link) -> bool:
    """Versions of one outlet's text do not share a source; they are each other's."""
    direction = link.direction
    return direction.common_source >= max(direction.a_to_b, direction.b_to_a)


def _add_common_source(
    scene: Scene, edges: Edges, source: str, child: ArticleId, family: Collection[str]
) -> None:
    link = max(
        (link for other, link in scene.near[child].items() if other in family),
        key=lambda link: (link.direction.common_source, link_strength(link)),
    )
    edges.add(
        Edge(
            parent=source,
            child=child,
            kind="common_source",
            probability=link.direction.common_source,
            evidence=scene.reasons(link),
        )
    )


class _Groups:
    """Sets that are joined and never split."""

    def __init__(self) -> None:
        self._leader: dict[str, str] = {}

    def find(self, name: str) -> str:
        leader = self._leader.setdefault(name, name)
        while leader != name:
            self._leader[name] = self._leader[leader]
            name, leader = leader, self._leader[leader]
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


def draw_cited(scene: Scene, edges: Edges, child: ArticleId) -> None:
    """Draw what a document only reports that an agency reported."""
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
                evidence=(said_by(mention.role, mention, parent),),
            )
        )


def _cited_item(scene: Scene, edges: Edges, agency: str, child: ArticleId) -> str:
    """The agency's earliest collected item that can have been meant, else its uncollected one."""
    items = (
        member
        for member in scene.issued.get(agency, ())
        if member != child
        and (scene.order(member, child) or 1.0) > 0
        and not edges.reaches(member, child)
    )
    return next(items, scene.hidden.wire(agency))


def link_strength(link: Link) -> float:
    """Return the larger share that one text of a pair has of the other."""
    return max(link.overlap.containment_a, link.overlap.containment_b)
