"""Which collected document, if any, is each one's parent, and how likely.

All documents are weighed together: the features of every arrow and of every document
(:mod:`.features`) have fitted weights (:mod:`.weights`); an arrow's probability is the share of all
trees that contain it, each tree weighing what its arrows weigh together (:mod:`.marginals`).  The tree
that is drawn is the one whose arrows are likeliest together, the maximum arborescence over these
probabilities.

A document hangs on a collected one only if it is all but certain that it took from *some* collected
document: a sibling drawn as the parent is worse than an open question.

Limits: arrows against trusted time take no part, however wrong the dates may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log

import attrs

from provenance.config import LineageSpec
from provenance.lineage.arborescence import Arc, maximum_arborescence
from provenance.lineage.features import read_features
from provenance.lineage.marginals import shared_scores, tree_marginals
from provenance.lineage.scene import Scene
from provenance.lineage.weights import score_features
from provenance.model import ArticleId

__all__ = ["Ancestry", "weigh_parents"]

#: Probabilities are cut off here: exp(-700) is the smallest that is not zero.
_SMALLEST = 1e-300

#: An unseen source less likely than this is none to wait for.
_NEGLIGIBLE = 0.02


@attrs.frozen(kw_only=True)
class Ancestry:
    """Where one document may come from.

    Attributes:
        parents: By collected document, the probability that it is the parent.
        unseen: That the parent was not collected.
        chosen: The parent in the likeliest tree; ``None`` for a root of it.
        named: The chosen parent is an agency's own item, or the document names its outlet.
    """

    parents: Mapping[ArticleId, float]
    unseen: float
    chosen: ArticleId | None
    named: bool = False

    @property
    def collected(self) -> float:
        """The probability that the parent is any collected document."""
        return min(1.0, sum(self.parents.values()))

    def took_collected(self, spec: LineageSpec) -> bool:
        """Say whether it is sure enough that the document took from some collected one."""
        sure = self.named or self.unseen <= _NEGLIGIBLE or self.collected >= spec.collected
        return sure and self.collected >= spec.min_probability


def weigh_parents(scene: Scene) -> dict[ArticleId, Ancestry]:
    """Weigh every document's possible parents; documents without a link are left out."""
    if not scene.links:
        return {}
    features = read_features(scene)
    members = features.members
    scores, original, latent = score_features(features, scene.spec.unseen)
    arrows = features.arrows
    scores, _, _ = shared_scores(arrows[:, 1], scores, len(members))
    found = tree_marginals(arrows[:, 0], arrows[:, 1], scores, original, latent)
    parents: dict[ArticleId, dict[ArticleId, float]] = {
        member: {} for member in members if scene.near[member]
    }
    arcs: list[Arc] = []
    rank = {member: place for place, member in enumerate(sorted(members, key=scene.rank))}
    order = sorted(range(len(arrows)), key=lambda arrow: rank[members[arrows[arrow, 0]]])
    for arrow in order:
        parent, child = (int(number) for number in arrows[arrow])
        probability = float(found.arrows[arrow])
        parents[members[child]][members[parent]] = probability
        arcs.append((parent, child, log(max(probability, _SMALLEST))))
    root = len(members)
    rooted = found.original + found.latent
    arcs += [(root, n, log(max(float(rooted[n]), _SMALLEST))) for n in range(root)]
    entering = maximum_arborescence(root + 1, root, arcs)
    ancestry = {}
    for number, member in enumerate(members):
        if member in parents:
            tail = arcs[entering[number]][0]
            chosen = None if tail == root else members[tail]
            ancestry[member] = Ancestry(
                parents=parents[member],
                unseen=float(found.latent[number]),
                chosen=chosen,
                named=chosen is not None
                and (scene.credits[chosen].issuer is not None or scene.names(chosen, member)),
            )
    return ancestry
