"""The heaviest arborescence agrees with the reference and never closes a cycle."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.lineage.arborescence import Arc, maximum_arborescence


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[Arc]]:
    """Any arcs among a few nodes; node 0 is the root and reaches every other one."""
    nodes = draw(st.integers(2, 9))
    weight = st.integers(-20, 20).map(float)
    arcs = [(0, child, draw(weight)) for child in range(1, nodes)]
    ends = st.tuples(st.integers(0, nodes - 1), st.integers(1, nodes - 1), weight)
    arcs += [arc for arc in draw(st.lists(ends, max_size=40)) if arc[0] != arc[1]]
    return nodes, arcs


@given(graphs())
def test_weight_is_that_of_networkx(graph: tuple[int, list[Arc]]) -> None:
    """No other choice of parents weighs more."""
    nodes, arcs = graph
    reference = nx.DiGraph()
    for parent, child, weight in arcs:
        known = reference.get_edge_data(parent, child, {"weight": weight})["weight"]
        reference.add_edge(parent, child, weight=max(weight, known))
    best = nx.maximum_spanning_arborescence(reference)
    entering = maximum_arborescence(nodes, 0, arcs)
    total = sum(arcs[arc][2] for arc in entering[1:])
    assert total == pytest.approx(best.size(weight="weight"))


@given(graphs())
def test_every_node_goes_back_to_the_root(graph: tuple[int, list[Arc]]) -> None:
    """Every node but the root has one parent, and following parents ends at the root."""
    nodes, arcs = graph
    entering = maximum_arborescence(nodes, 0, arcs)
    assert entering[0] == -1
    assert all(arcs[entering[node]][1] == node for node in range(1, nodes))
    reached = {0}
    for _ in range(nodes):
        reached |= {node for node in range(1, nodes) if arcs[entering[node]][0] in reached}
    assert reached == set(range(nodes))


def test_first_of_equal_arcs_wins() -> None:
    """Ties go to the arc that stands first, so the caller decides them."""
    assert maximum_arborescence(3, 0, [(0, 1, 1.0), (0, 2, 0.0), (1, 2, 0.0)]) == [-1, 0, 1]


def test_nested_cycles_are_undone() -> None:
    """A cycle inside a contracted cycle is entered where it costs least."""
    arcs = [(0, 3, 1.0), (1, 2, 9.0), (2, 1, 9.0), (2, 3, 8.0), (3, 1, 7.0), (0, 1, -5.0)]
    entering = maximum_arborescence(4, 0, arcs)
    assert [arcs[arc][0] for arc in entering[1:]] == [3, 1, 0]


def test_unreachable_node_is_refused() -> None:
    """A node without a way from the root has no place in an arborescence."""
    with pytest.raises(ValueError, match="cannot be reached"):
        maximum_arborescence(3, 0, [(0, 1, 1.0)])
