"""Which collected document, if any, is each one's parent, and how likely.

A document's text came from a collected one, from something nobody collected (a wire item it or its
copies credit, a page behind a scraper's wrapper), or from its own outlet.  Every possibility has
log-odds against the last.  A collected parent has the odds that the pair has against a common
source; where parent and child carry the same agency's text, the child's credit is explained either
way and stands on both sides.

Many candidate parents must not add up: twenty earlier copies of one wire item are no better reason
for second-hand copying than one.  So the strongest of them sets how likely *any* collected parent
is, and they share that among them.  Cycles are then broken by the heaviest arborescence.

Only pairs with something explicit to say about direction take part (:mod:`.direction`).

Limits: each document is weighed by itself; a model fitted on whole trees is 2 points better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, inf, log

import attrs

from provenance.lineage.arborescence import Arc, maximum_arborescence

__all__ = ["Candidate", "Parent", "choose_parents"]

#: A document whose parent is collected goes to the root only where a cycle leaves no other way.
_LAST_RESORT = 30.0

#: Odds are cut off here: exp(-700) is the smallest that is not zero.
_SMALLEST = 1e-300


@attrs.frozen(kw_only=True)
class Candidate:
    """A collected document that `child` may have taken from.

    Attributes:
        child: Number of the one that took.
        parent: Number of the one it may have taken from.
        log_odds: Against its own outlet having written it.
        rank: Place in time and name; of equally good parents the smallest wins.
    """

    child: int
    parent: int
    log_odds: float
    rank: int


@attrs.frozen(kw_only=True)
class Parent:
    """The parent chosen.

    Attributes:
        parent: Its number.
        probability: That the child's text came from it, itself or through another copy of it.
    """

    parent: int
    probability: float


def choose_parents(
    count: int,
    candidates: Sequence[Candidate],
    elsewhere: Mapping[int, Sequence[float]],
    *,
    min_probability: float,
) -> dict[int, Parent]:
    """Choose the parents that make the heaviest forest.

    Args:
        count: How many documents; they are numbered from 0.
        candidates: Possible collected parents, in any order.
        elsewhere: By document, the log-odds of every uncollected parent.
        min_probability: What the collected parents of a document must reach together, and the
            chosen one with its copies.

    Returns:
        A parent for every document that took from a collected one; never a cycle.
    """
    shares = _probabilities(candidates, elsewhere)
    arcs: list[Arc] = []
    for child in range(count):
        found = shares.get(child, {})
        total = sum(found.values())
        taken = total >= min_probability
        arcs.append((count, child, log(max(1.0 - total, _SMALLEST)) - _LAST_RESORT * taken))
        if taken:
            ranked = sorted(found.items(), key=lambda item: item[0].rank)
            arcs += [(c.parent, child, log(max(p, _SMALLEST))) for c, p in ranked]
    entering = maximum_arborescence(count + 1, count, arcs)
    tree = {
        child: arcs[arc][0] for child, arc in enumerate(entering[:count]) if arcs[arc][0] != count
    }
    first, last = _intervals(count, tree)
    chosen: dict[int, Parent] = {}
    for child, parent in sorted(tree.items()):
        # The parent itself and other copies of it, without those that come from the child.
        through = sum(
            probability
            for candidate, probability in shares[child].items()
            if first[parent] <= first[candidate.parent] < last[parent]
            and not first[child] <= first[candidate.parent] < last[child]
        )
        if through >= min_probability:
            chosen[child] = Parent(parent=parent, probability=min(1.0, through))
    return chosen


def _probabilities(
    candidates: Sequence[Candidate], elsewhere: Mapping[int, Sequence[float]]
) -> dict[int, dict[Candidate, float]]:
    """By child, the probability of every collected parent."""
    of_child: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        of_child.setdefault(candidate.child, []).append(candidate)
    shares: dict[int, dict[Candidate, float]] = {}
    for child, found in of_child.items():
        best = max(candidate.log_odds for candidate in found)
        rest = [0.0, *elsewhere.get(child, ())]
        top = max(best, *rest)
        collected = exp(best - top)
        likely = collected / (collected + sum(exp(odds - top) for odds in rest))
        weights = [exp(candidate.log_odds - best) for candidate in found]
        total = sum(weights)
        shares[child] = {
            candidate: likely * weight / total
            for candidate, weight in zip(found, weights, strict=True)
            if candidate.log_odds > -inf
        }
    return shares


def _intervals(count: int, tree: Mapping[int, int]) -> tuple[list[int], list[int]]:
    """Number nodes so that those below a node follow it: its own number, and the one behind them."""
    children: list[list[int]] = [[] for _ in range(count)]
    for child, parent in tree.items():
        children[parent].append(child)
    first, last = [0] * count, [0] * count
    following = 0
    for root in range(count):
        if root in tree:
            continue
        waiting = [(root, False)]
        while waiting:
            node, done = waiting.pop()
            if done:
                last[node] = following
                continue
            first[node] = following
            following += 1
            waiting += [(node, True), *((child, False) for child in children[node])]
    return first, last
