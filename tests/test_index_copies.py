"""The doors for whoever is after whole copies: fewer bands, chosen by the overlap asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.config import IndexSpec
from provenance.disjoint import smallest_members
from provenance.index.candidates import equal_sequences, plan_bands, rare_pairs, similar_pairs

SLOTS = 128


def everyone(count):
    return np.arange(count, dtype=np.uint32)


def signed(originals, copies, agreeing, seed=1):
    """Signatures of texts, and of copies that agree with theirs in a share of the slots."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 2**32, (originals, SLOTS), dtype=np.uint32)
    owners = rng.integers(0, originals, copies)
    other = rng.integers(0, 2**32, (copies, SLOTS), dtype=np.uint32)
    same = rng.random((copies, SLOTS)) < agreeing
    return np.concatenate([first, np.where(same, first[owners], other)]), owners


@given(st.floats(0.01, 1), st.sampled_from([16, 64, 128, 256]))
def test_bands_fit_the_signature(overlap, permutations):
    """Whatever is asked for, there is a band, and no slot is used twice."""
    plan = plan_bands(overlap, permutations)
    assert plan.bands >= 1
    assert plan.rows >= 1
    assert plan.bands * plan.rows <= permutations
    assert 1 <= plan.agreement <= 128


@given(st.floats(0.46, 1))
def test_a_pair_at_the_bar_is_hardly_ever_missed(overlap):
    """The formula of banding gives one in ten thousand at most, wherever bands of two rows can."""
    plan = plan_bands(overlap, SLOTS)
    alike = overlap / (2 - overlap)
    assert (1 - alike**plan.rows) ** plan.bands <= 1e-4 or plan.rows == 2
    # One row more could not have done it.
    rows = plan.rows + 1
    assert rows > SLOTS or (1 - alike**rows) ** (SLOTS // rows) > 1e-4 * 0.999


@pytest.mark.parametrize("overlap", [0.5, 0.8, 0.95])
def test_copies_at_the_bar_are_found(overlap):
    """Measured on signatures that agree as often as the bar demands, no more."""
    signatures, owners = signed(3000, 3000, overlap / (2 - overlap))
    pairs = similar_pairs(signatures, everyone(6000), plan_bands(overlap, SLOTS))
    tied = smallest_members(pairs, 6000)
    missed = sum(tied[3000 + copy] != tied[owner] for copy, owner in enumerate(owners.tolist()))
    assert missed <= 5
    assert len(pairs) < 8000


def test_pairs_are_sorted_unique_and_free_of_threads():
    """A pool of threads gives what ``map`` gives."""
    signatures, _ = signed(500, 1500, 0.9)
    plan = plan_bands(0.8, SLOTS)
    pairs = similar_pairs(signatures, everyone(2000), plan)
    packed = pairs[:, 0].astype(np.uint64) << np.uint64(32) | pairs[:, 1]
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert (packed[1:] > packed[:-1]).all()
    with ThreadPoolExecutor(3) as pool:
        np.testing.assert_array_equal(
            similar_pairs(signatures, everyone(2000), plan, run=pool.map), pairs
        )


def test_only_members_are_paired():
    """A document that is left out is in no pair."""
    signatures, _ = signed(10, 90, 0.95)
    members = everyone(100)[::2].copy()
    pairs = similar_pairs(signatures, members, plan_bands(0.8, SLOTS))
    assert pairs.size
    assert set(pairs.ravel().tolist()) <= set(members.tolist())


def test_ten_thousand_copies_cost_a_few_pairs_each():
    """One hot cluster is one group, tied by pairs linear in its members."""
    signatures, _ = signed(1, 10_000, 0.9)
    pairs = similar_pairs(signatures, everyone(10_001), plan_bands(0.8, SLOTS))
    assert not smallest_members(pairs, 10_001).any()
    assert len(pairs) < 60 * 10_001


def test_equal_sequences_are_equal_in_order():
    """The same shingles in another order, and a part of them, are something else."""
    documents = [[5, 6], [6, 5], [5], [5, 6], [7]]
    offsets = np.cumsum([0, *map(len, documents)]).astype(np.int64)
    shingles = np.array([value for text in documents for value in text], np.uint32)
    pairs = equal_sequences(shingles, offsets, everyone(5), IndexSpec())
    assert pairs.tolist() == [[0, 3]]


def test_rare_shingles_tie_what_a_form_hides():
    """Of a thousand texts that share a form, those that share ten shingles more are paired."""
    rng = np.random.default_rng(2)
    form = rng.integers(0, 2**32, 80, dtype=np.uint32)
    own = rng.integers(0, 2**32, (500, 12), dtype=np.uint32)
    texts = np.concatenate([np.concatenate([form, own[n % 500]]) for n in range(1000)])
    offsets = np.arange(0, texts.size + 1, 92)
    pairs = rare_pairs(texts, offsets, everyone(1000), plan_bands(0.8, SLOTS))
    found = {tuple(pair) for pair in pairs.tolist()}
    assert sum((n, n + 500) in found for n in range(500)) >= 470
    assert len(found) < 3000
