"""When what two texts share makes them copies, and of which kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.verify.kinds import decide_kind, find_copies, related_by, related_probability
from provenance.verify.overlap import Measures

shares = st.floats(0, 1)


def measured(shared, size_a, size_b, *, telling=1.0):
    """Measures of one pair; `telling` is the weight of a shared shingle, own ones weigh 1."""
    told = shared * telling
    return Measures(
        shared=np.array([shared], dtype=np.uint32),
        jaccard=np.array([shared / (size_a + size_b - shared)]),
        containment_a=np.array([shared / size_a]),
        containment_b=np.array([shared / size_b]),
        telling=np.array([told]),
        telling_a=np.array([told / (size_a - shared + told)]),
        telling_b=np.array([told / (size_b - shared + told)]),
    )


@pytest.mark.parametrize(
    ("case", "copies"),
    [
        ("a whole copy", measured(300, 310, 305)),
        ("half of an article", measured(150, 150, 320)),
        ("a flash of twelve words in a page", measured(10, 10, 900)),
        ("a third of both, told in common words", measured(60, 130, 140, telling=0.3)),
    ],
)
def test_copies_are_found(case, copies):
    """What is a copy by any reading is one."""
    assert find_copies(copies).tolist() == [True], case


@pytest.mark.parametrize(
    ("case", "strangers"),
    [
        ("nothing in common", measured(0, 200, 200)),
        ("a phrase", measured(7, 200, 200)),
        ("one item among others in both", measured(80, 250, 260)),
        ("a short text with a title of nine words", measured(7, 15, 400)),
        ("a form filled in twice", measured(50, 110, 115, telling=0.2)),
        ("two names and their offices", measured(20, 50, 60, telling=0.1)),
    ],
)
def test_strangers_are_not_linked(case, strangers):
    """Phrases, shared items of compilations, and formulae carry no link."""
    assert find_copies(strangers).tolist() == [False], case


def test_half_of_both_needs_no_rare_words():
    """Where half of both texts is the same, formulae alone are no explanation, if enough tells."""
    assert find_copies(measured(200, 280, 290, telling=0.25)).tolist() == [True]
    assert find_copies(measured(110, 280, 290, telling=0.1)).tolist() == [False]


@given(st.integers(0, 400), st.integers(1, 400), st.integers(1, 400))
def test_the_decision_is_symmetric(shared, more_a, more_b):
    """Exchanging the two texts changes neither decision nor probability."""
    straight = measured(shared, shared + more_a, shared + more_b)
    turned = measured(shared, shared + more_b, shared + more_a)
    assert find_copies(straight).tolist() == find_copies(turned).tolist()
    assert related_probability(straight).tolist() == related_probability(turned).tolist()


@given(st.floats(0, 1e4), st.floats(0, 1e4), shares)
def test_more_evidence_never_makes_a_pair_less_related(one, other, telling_share):
    """The probability rises with the strength and stays between 0 and 1."""
    weaker, stronger = sorted((one, other))
    low, high = related_by(np.array([weaker, stronger]), np.full(2, telling_share)).tolist()
    assert 0 <= low <= high <= 1


@pytest.mark.parametrize(
    ("covered", "same_publisher", "ordered", "kind"),
    [
        ((1.0, 1.0), False, False, "repost"),
        ((0.95, 0.83), False, True, "repost"),
        ((0.99, 0.6), False, True, "excerpt"),
        ((0.4, 0.35), False, False, "excerpt"),
        ((1.0, 1.0), True, True, "repost"),
        ((0.98, 0.9), True, True, "update"),
        ((0.98, 0.9), True, False, "repost"),
        ((1.0, 0.4), True, True, "update"),
        ((0.3, 0.6), True, True, "update"),
        ((0.9, 0.1), True, True, "excerpt"),
        ((0.4, 0.35), True, True, "excerpt"),
    ],
)
def test_kinds(covered, same_publisher, ordered, kind):
    """Whole, part, or a later version; exchanging the texts changes nothing."""
    for one, other in (covered, covered[::-1]):
        assert (
            decide_kind(one, other, same_publisher=same_publisher, ordered_in_time=ordered) == kind
        )
