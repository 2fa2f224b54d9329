"""Parents that were collected: one for each document, and more where it was compiled.

Limits: a further parent must explain passages anew word for word; a compilation of rewordings has
one parent.
"""

from __future__ import annotations

from collections.abc import Mapping

from provenance.lineage.edges import Edges
from provenance.lineage.odds import taken_odds
from provenance.lineage.scene import Scene
from provenance.lineage.weighing import Ancestry
from provenance.model import ArticleId, Edge

__all__ = ["draw_collected", "draw_further"]

#: Candidates within this share of the best new coverage explain a passage equally well.
_AS_GOOD = 0.9


def draw_collected(scene: Scene, edges: Edges, ancestry: Mapping[ArticleId, Ancestry]) -> None:
    """Draw one collected parent for every document that explicit evidence gives one."""
    for child, found in ancestry.items():
        parent = found.chosen
        if parent is None or not found.took_collected(scene.spec):
            continue
        if scene.spec.explicit and not scene.may_have_taken(parent, child):
            continue
        if not found.named and _is_client(scene, parent, child):
            continue
        _add_collected(scene, edges, parent, child, found.parents[parent])


def _is_client(scene: Scene, parent: ArticleId, child: ArticleId) -> bool:
    """Say whether a likely parent is but one client of a wire that may have served the child as well.

    An agency's item goes to many at once.  That one client was earlier is no reason to think that another
    took from him; a name, a wrapper or an address left standing is.
    """
    if scene.same_outlet(parent, child):
        return False
    wires = scene.agencies(parent) - {
        scene.credits[other].issuer for other in (parent, *scene.near[parent])
    }
    return bool(wires) and not scene.may_have_taken(parent, child, besides="date")


def _add_collected(
    scene: Scene, edges: Edges, parent: ArticleId, child: ArticleId, probability: float
) -> None:
    link = scene.near[child][parent]
    edges.add(
        Edge(
            parent=parent,
            child=child,
            kind=scene.kind(parent, child),
            probability=probability,
            evidence=scene.reasons(link),
        )
    )


def draw_further(scene: Scene, edges: Edges, child: ArticleId) -> None:
    """Draw more collected parents, for passages that the parents so far do not have."""
    parents = edges.parents(child)
    if not parents or any(map(scene.hidden.is_page, parents)):
        return
    explained = _explained(scene, edges, child)
    added = False
    while True:
        fitting = [
            other
            for other in scene.near[child]
            if not edges.comes_from(child, other)
            and not edges.comes_from(other, child)
            and scene.may_have_taken(other, child)
            and scene.adds(scene.passages.common(child, other), explained)
            and taken_odds(*scene.way(other, child)) >= scene.spec.min_probability
        ]
        if not fitting:
            break
        new = {
            other: (scene.passages.common(child, other) & ~explained).bit_count()
            for other in fitting
        }
        most = max(new.values())
        best = min(
            (other for other in fitting if new[other] >= _AS_GOOD * most),
            key=lambda other: (-taken_odds(*scene.way(other, child)), scene.rank(other)),
        )
        _add_collected(scene, edges, best, child, taken_odds(*scene.way(best, child)))
        explained |= scene.passages.common(child, best)
        added = True
    if added:
        edges.make_compilation(child)


def _explained(scene: Scene, edges: Edges, child: ArticleId) -> int:
    """The set of a document's words that its parents, or other copies of them, have."""
    parents = set(edges.parents(child))
    found = 0
    for other in scene.near[child]:
        if other in parents or parents & {
            name for name in edges.parents(other) if scene.hidden.agency(name)
        }:
            found |= scene.passages.common(child, other)
    return found
