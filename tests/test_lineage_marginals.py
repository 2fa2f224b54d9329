"""Probabilities over all trees: against counting every tree, and where numbers get extreme."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.lineage.marginals import shared_scores, tree_marginals

Graph = tuple[list[tuple[int, int]], list[float], list[float], list[float]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(1, 4))
    score = st.floats(-6, 6)
    every = [(a, b) for a in range(count) for b in range(count) if a != b]
    arcs = draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    roots = st.lists(score, min_size=count, max_size=count)
    return arcs, [draw(score) for _ in arcs], draw(roots), draw(roots)


def marginals_of(graph: Graph) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    arcs, scores, original, latent = graph
    ends = np.array(arcs, np.int64).reshape(-1, 2)
    found = tree_marginals(
        ends[:, 0], ends[:, 1], np.array(scores), np.array(original), np.array(latent)
    )
    return found.arrows, found.original, found.latent


def by_counting(graph: Graph) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    arcs, scores, original, latent = graph
    count = len(original)
    ways = [
        [("o", b), ("l", b), *((n, b) for n, arc in enumerate(arcs) if arc[1] == b)]
        for b in range(count)
    ]
    total, arrows, own, hidden = 0.0, np.zeros(len(arcs)), np.zeros(count), np.zeros(count)
    for tree in product(*ways):
        above = [arcs[n][0] if isinstance(n, int) else -1 for n, _ in tree]
        for start in range(count):
            node, steps = start, 0
            while node >= 0 and steps <= count:
                node, steps = above[node], steps + 1
            if node >= 0:
                break
        else:
            log_weight = 0.0
            for n, b in tree:
                log_weight += original[b] if n == "o" else latent[b] if n == "l" else scores[n]  # type: ignore[call-overload]
            weight = np.exp(log_weight)
            total += weight
            for n, b in tree:
                (own if n == "o" else hidden if n == "l" else arrows)[
                    b if isinstance(n, str) else n
                ] += weight
    return arrows / total, own / total, hidden / total


@given(graphs())
def test_every_tree_counted(graph: Graph) -> None:
    """The determinant says what counting all trees one by one says."""
    for found, wanted in zip(marginals_of(graph), by_counting(graph), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-5)


@given(graphs())
def test_every_document_has_one_parent(graph: Graph) -> None:
    """Probabilities of a document's possible parents sum to one."""
    arrows, own, hidden = marginals_of(graph)
    total = own + hidden
    for (_, child), probability in zip(graph[0], arrows, strict=True):
        total[child] += probability
    np.testing.assert_allclose(total, 1.0, atol=1e-8)


def test_roots_far_below_the_arrows() -> None:
    """Where everything took from everything, and a root is next to impossible, numbers stay numbers."""
    count = 60
    arcs = [(a, b) for a in range(count) for b in range(count) if a != b]
    scores = np.random.default_rng(1).normal(0, 3, len(arcs))
    roots = [-200.0 if n else -195.0 for n in range(count)]
    arrows, own, hidden = marginals_of((arcs, scores.tolist(), roots, [-300.0] * count))
    assert arrows.min() >= 0.0
    assert (own + hidden).sum() == pytest.approx(1.0, abs=1e-3)


def test_stranger_changes_no_digit() -> None:
    """A document without arrows leaves the others' probabilities as they were, to the last bit."""
    graph: Graph = ([(0, 1), (1, 0), (1, 2)], [1.0, 0.3, -0.2], [0.1, 0.2, 0.3], [0.0, 0.5, 1.0])
    more: Graph = ([(1, 2), (2, 1), (2, 3)], graph[1], [5.0, *graph[2]], [4.0, *graph[3]])
    assert marginals_of(graph)[0].tolist() == marginals_of(more)[0].tolist()


def test_many_equal_candidates_weigh_as_one() -> None:
    """Twenty earlier copies are together no likelier a source than one."""
    for copies in (1, 20):
        children = np.full(copies, copies)
        shared, share, heaviest = shared_scores(children, np.full(copies, 2.0), copies + 1)
        assert np.exp(shared).sum() == pytest.approx(np.exp(2.0))
        assert share.sum() == pytest.approx(1.0)
        assert heaviest.tolist() == [-1] * copies + [0]
