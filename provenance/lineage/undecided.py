"""What matches without a known way, and what is only cited.

Texts that match and say nothing of each other are joined by undirected edges.  Where it is likelier than
not that a text came from something that nobody collected, and nothing names that, it hangs on an unseen
source, together with the texts that match it and are in the same case; a single text only if that is
certain enough to stand without a sibling that bears it out.

Limits: two texts of which either may be the other's source stay undirected.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from provenance.lineage.edges import Edges, said_by
from provenance.lineage.scene import Scene
from provenance.lineage.weighing import Ancestry
from provenance.model import ArticleId, Edge, Link

__all__ = ["draw_cited", "draw_undecided", "draw_unnamed"]


def draw_unnamed(scene: Scene, edges: Edges, ancestry: Mapping[ArticleId, Ancestry]) -> None:
    """Draw unseen sources that nothing names, each above texts that match."""
    families = _Groups()
    orphans = {
        member
        for member, found in ancestry.items()
        if not edges.parents(member)
        and found.unseen >= scene.spec.min_probability
        and not found.took_collected(scene.spec)
    }
    for link in scene.links:
        if link.a in orphans and link.b in orphans and _may_share_source(link):
            families.join(link.a, link.b)
    sure = [
        family
        for family in families.listed(sorted(orphans))
        if len(family) > 1 or _stands_alone(scene, edges, ancestry, ArticleId(family[0]))
    ]
    for number, family in enumerate(sure, start=1):
        for member in map(ArticleId, family):
            link = _nearest(scene, member, family)
            edges.add(
                Edge(
                    parent=scene.hidden.source(number),
                    child=member,
                    kind="common_source",
                    probability=ancestry[member].unseen,
                    evidence=scene.reasons(link),
                )
            )


def draw_undecided(scene: Scene, edges: Edges) -> None:
    """Join texts that match, and that nothing joins yet, by undirected edges, the strongest first."""
    group = _Groups()
    for edge in edges:
        group.join(edge.parent, edge.child)
    strongest_first = sorted(scene.links, key=lambda link: (-link_strength(link), link.a, link.b))
    loose = [link for link in strongest_first if group.join(link.a, link.b)]
    for link in loose:
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


def _stands_alone(
    scene: Scene, edges: Edges, ancestry: Mapping[ArticleId, Ancestry], member: ArticleId
) -> bool:
    """Say whether an unseen source is sure of one text alone: a relative that it did not feed shows it."""
    return ancestry[member].unseen >= scene.spec.collected and any(
        not edges.comes_from(other, member) for other in scene.near[member]
    )


def _nearest(scene: Scene, member: ArticleId, family: Collection[str]) -> Link:
    """The pair that speaks loudest for a common source, inside the family if it has one."""
    near = scene.near[member]
    inside = [link for other, link in near.items() if other in family]
    return max(
        inside or near.values(),
        key=lambda link: (link.direction.common_source, link_strength(link)),
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
        """Return the sets that `names` fall into, in their order."""
        found: dict[str, list[str]] = {}
        for name in names:
            found.setdefault(self.find(name), []).append(name)
        return list(found.values())


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
