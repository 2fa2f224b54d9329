"""Chains of pairs become groups that are called by their smallest member."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.disjoint import smallest_members

COUNT = 40
pairs_of_members = st.lists(st.tuples(*2 * [st.integers(0, COUNT - 1)]), max_size=60)


def as_array(pairs):
    return np.array(pairs, np.uint32).reshape(-1, 2)


@given(pairs_of_members)
def test_groups_are_connected_components(pairs):
    """A member's group is what a graph library calls its component, by its smallest member."""
    graph = nx.Graph(pairs)
    graph.add_nodes_from(range(COUNT))
    wanted = {n: min(group) for group in nx.connected_components(graph) for n in group}
    assert smallest_members(as_array(pairs), COUNT).tolist() == [wanted[n] for n in range(COUNT)]


@given(pairs_of_members, st.randoms())
def test_order_and_direction_do_not_matter(pairs, random):
    """Shuffled and turned round, the same pairs give the same groups."""
    turned = [pair if random.random() < 0.5 else pair[::-1] for pair in pairs]
    random.shuffle(turned)
    before = smallest_members(as_array(pairs), COUNT)
    np.testing.assert_array_equal(smallest_members(as_array(turned), COUNT), before)


def test_a_long_chain_is_one_group():
    """A hundred thousand members in a row, joined from the far end, end at the first."""
    numbers = np.arange(100_000, dtype=np.uint32)
    chain = np.stack([numbers[:-1], numbers[1:]], axis=1)[::-1]
    assert not smallest_members(chain, numbers.size).any()


def test_strangers_are_refused():
    """A number beyond the members is an error, not a wild write."""
    with pytest.raises(ValueError, match="from 0 to 2; got 3"):
        smallest_members(as_array([(0, 3)]), 3)
