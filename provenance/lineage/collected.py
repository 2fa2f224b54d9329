"""Parents that were collected: one for each document, and more where it was compiled.

Limits: a further parent must explain passages anew word for word; a compilation of rewordings has
one parent.
"""

from __future__ import annotations

from provenance.lineage.edges import Edges
from provenance.lineage.odds import log_odds, taken_odds
from provenance.lineage.scene import Scene
from provenance.lineage.weighing import Candidate, choose_parents
from provenance.model import ArticleId, Edge

__all__ = ["draw_collected", "draw_further"]

#: Candidates within this share of the best new coverage explain a passage equally well.
_AS_GOOD = 0.9

#: A text that names where it is from is not from elsewhere (fitted: -3.9).
_OTHER_NAMED = 3.9


def draw_collected(scene: Scene, edges: Edges) -> None:
    """Draw one collected parent for every document that explicit evidence gives one."""
    members = list(scene.articles)
    number = {member: position for position, member in enumerate(members)}
    by_rank = {member: position for position, member in enumerate(sorted(members, key=scene.rank))}
    candidates = []
    elsewhere: dict[int, list[float]] = {}
    for child in members:
        found = _rivals(
            scene,
            child,
            [parent for parent in scene.near[child] if scene.may_have_taken(parent, child)],
        )
        if not found:
            continue
        wires = _wire_odds(scene, child)
        wrapper = scene.credits[child].wrapper
        page = wrapper.weight if wrapper else 0.0
        elsewhere[number[child]] = list(wires.values())
        if wrapper:
            elsewhere[number[child]].append(page + max(0.0, *wires.values(), 0.0))
        covered = {parent: scene.passages.covered(child, parent) for parent in found}
        most = max(covered.values())
        named = {parent for parent in found if scene.names(parent, child)}
        for parent in found:
            explained = [wires[name] for name in scene.agencies(parent) if name in wires]
            candidates.append(
                Candidate(
                    child=number[child],
                    parent=number[parent],
                    log_odds=log_odds(taken_odds(*scene.way(parent, child)))
                    - scene.siblings(parent, child)
                    - (_OTHER_NAMED if named and parent not in named else 0.0)
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


def _rivals(scene: Scene, child: ArticleId, found: list[ArticleId]) -> list[ArticleId]:
    """Leave out candidates that explain other words than the best one; they come later.

    Two halves of a compilation are no alternatives to each other.
    """
    if not found:
        return found
    best = min(
        found,
        key=lambda name: (
            -taken_odds(*scene.way(name, child)),
            -scene.passages.covered(child, name),
            scene.rank(name),
        ),
    )
    explained = scene.passages.common(child, best)
    return [
        name
        for name in found
        if name == best
        or not scene.near[child][name].spans
        or not scene.adds(scene.passages.common(child, name), explained)
    ]


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


def _wire_odds(scene: Scene, child: ArticleId) -> dict[str, float]:
    """Log-odds of every agency as uncollected parent; an agency's collected item is none."""
    collected = {
        scene.credits[parent].issuer
        for parent in scene.near[child]
        if scene.may_have_taken(parent, child)
    } | {scene.credits[child].issuer}
    return {
        origin.agency: log_odds(origin.probability)
        for origin in scene.origins[child]
        if origin.agency is not None and origin.agency not in collected
    }


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
