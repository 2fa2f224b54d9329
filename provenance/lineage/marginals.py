"""How likely each arrow is over all trees at once (directed matrix-tree theorem, Tutte 1948).

Every document has one parent: another document, the outlet itself (*original*), or something that nobody
collected (*latent*).  A tree weighs the product of its arrows' weights; the determinant of the Laplacian
is the sum over all trees, and its inverse gives the share of those that contain an arrow (Koo et al. 2007).
A latent source has no parent but the root, so both kinds of root are one root arrow whose probability is
divided afterwards.

Plain double precision fails where roots weigh far less than arrows (at e**-60 probabilities come out
negative), so all root scores of a story are lifted by one constant until the best of them is no more than
e**-12 below the arrows into its document; that moves no probability by more than 2e-6.

Documents that feed nobody are solved by themselves, which is exact.

Limits: cubic in the documents that feed others; beyond `_MOST` of them every document
is weighed by itself, without regard to cycles.
"""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from provenance.disjoint import smallest_members

__all__ = ["Marginals", "shared_scores", "tree_marginals"]

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

#: Natural logarithms: the lowest a whole story's best root may lie, and any score below the best.
_LIFT, _LOWEST = -12.0, -30.0

#: 3 seconds and 100 MB.
_MOST = 2000


@attrs.frozen(kw_only=True, eq=False)
class Marginals:
    """Probabilities of one story.

    Attributes:
        arrows: float64[E], of every arrow.
        original: float64[N], that a document is its outlet's own.
        latent: float64[N], that its parent was not collected.
        log_weight: Logarithm of the weight of all trees together.
    """

    arrows: Floats
    original: Floats
    latent: Floats
    log_weight: float


def shared_scores(
    children: Numbers, scores: Floats, count: int
) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Let the arrows into a document share what the heaviest of them weighs.

    Twenty earlier copies of one item are no better reason for second-hand copying than one is.

    Args:
        children: int64[E], by arrow, the document it enters.
        scores: float64[E], logarithms of weights.
        count: Documents.

    Returns:
        The scores, so that the weights into each document sum to its heaviest; each arrow's share; and
        by document, its heaviest arrow, -1 for none.
    """
    best = np.full(count, -np.inf)
    np.maximum.at(best, children, scores)
    weights = np.exp(scores - best[children])
    total = np.zeros(count)
    np.add.at(total, children, weights)
    heaviest = np.full(count, -1, np.int64)
    top = np.flatnonzero(weights == 1.0)[::-1]  # of equals the first
    heaviest[children[top]] = top
    return scores - np.log(total[children]), weights / total[children], heaviest


def tree_marginals(
    parents: Numbers, children: Numbers, scores: Floats, original: Floats, latent: Floats
) -> Marginals:
    """Weigh all trees over some documents.

    Args:
        parents: int64[E], by arrow, the document it leaves.
        children: int64[E], the document it enters; no two arrows are the same.
        scores: float64[E], logarithms of weights.
        original: float64[N], the same for every document's arrow from its own outlet.
        latent: float64[N], and from what nobody collected.

    Returns:
        The probabilities; of every document they sum to one.
    """
    count = original.size
    pairs = np.stack([parents, children], axis=1).astype(np.uint32)
    group = smallest_members(pairs, count)
    arrows, own, hidden = np.zeros(scores.size), np.zeros(count), np.zeros(count)
    log_weight = 0.0
    place = np.zeros(count, np.int64)
    # Groups one by one, so that a text that has nothing to do with the others changes no digit.
    order, of_arrow = np.argsort(group, kind="stable"), np.argsort(group[children], kind="stable")
    ends = np.flatnonzero(np.diff(group[order], append=count))
    first = first_arrow = 0
    for last in (ends + 1).tolist():
        members = order[first:last]
        place[members] = np.arange(last - first)
        last_arrow = first_arrow + int(
            (group[children[of_arrow[first_arrow:]]] == group[members[0]]).sum()
        )
        held = of_arrow[first_arrow:last_arrow]
        found = _of_group(
            place[parents[held]],
            place[children[held]],
            scores[held],
            original[members],
            latent[members],
        )
        arrows[held], own[members], hidden[members] = found.arrows, found.original, found.latent
        log_weight += found.log_weight
        first, first_arrow = last, last_arrow
    return Marginals(arrows=arrows, original=own, latent=hidden, log_weight=log_weight)


def _of_group(
    parents: Numbers, children: Numbers, scores: Floats, original: Floats, latent: Floats
) -> Marginals:
    """Weigh all trees over documents that are connected."""
    count = original.size
    roots = np.logaddexp(original, latent)
    best = roots.copy()
    np.maximum.at(best, children, scores)
    lift = max(0.0, _LIFT - float((roots - best).max())) if count else 0.0
    lifted = roots + lift
    best = np.maximum(best, lifted)
    arrow = np.exp(np.maximum(scores - best[children], _LOWEST))
    root = np.exp(np.maximum(lifted - best, _LOWEST))
    given = np.zeros(arrow.size)
    into_root = np.zeros(count)
    log_weight = float(best.sum()) - lift
    total = root.copy()
    np.add.at(total, children, arrow)
    feeds = np.zeros(count, dtype=bool)
    feeds[parents] = True
    if int(feeds.sum()) > _MOST:
        feeds[:] = False
    # Those that feed nobody stand in no cycle: their arrows compete with each other only.
    leaf = ~feeds
    into_root[leaf] = root[leaf] / total[leaf]
    at_leaf = leaf[children]
    given[at_leaf] = arrow[at_leaf] / total[children[at_leaf]]
    log_weight += float(np.log(total[leaf]).sum())
    inner = np.flatnonzero(feeds)
    if inner.size:
        place = np.full(count, -1)
        place[inner] = np.arange(inner.size)
        held = np.flatnonzero(~at_leaf)
        tails, heads = place[parents[held]], place[children[held]]
        matrix = np.zeros((inner.size, inner.size))
        matrix[tails, heads] = -arrow[held]
        matrix[np.arange(inner.size), np.arange(inner.size)] = total[inner]
        inverse = np.linalg.inv(matrix)
        own = np.diagonal(inverse)
        given[held] = arrow[held] * (own[heads] - inverse[heads, tails])
        into_root[inner] = root[inner] * own
        log_weight += float(np.linalg.slogdet(matrix)[1])
    given = np.clip(given, 0.0, 1.0)
    into_root = np.clip(into_root, 0.0, 1.0)
    named = np.exp(original - roots)
    return Marginals(
        arrows=given,
        original=into_root * named,
        latent=into_root * (1.0 - named),
        log_weight=log_weight,
    )
