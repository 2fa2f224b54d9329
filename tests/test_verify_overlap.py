"""Exact overlap on shingle sets, and what a shingle is worth as evidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.config import SketchSpec, VerifySpec
from provenance.sketch.signatures import Sketches
from provenance.verify.mutual import measure_mutual
from provenance.verify.overlap import measure_pairs, measure_spread

#: Few values, so that texts share; large ones too, so that table places collide.
values = st.integers(0, 40).map(lambda n: (n * 4096 + n % 3) % 2**32)
texts = st.lists(st.lists(values, max_size=30), min_size=2, max_size=8)


def shingled(documents):
    return Sketches(
        spec=SketchSpec(),
        signatures=np.zeros((len(documents), 128), dtype=np.uint32),
        shingles=np.array([value for text in documents for value in text], dtype=np.uint32),
        offsets=np.cumsum([0, *map(len, documents)]).astype(np.int64),
    )


def all_pairs(count):
    return np.array(
        [(a, b) for a in range(count) for b in range(a + 1, count)], dtype=np.uint32
    ).reshape(-1, 2)


@given(texts)
@settings(deadline=None)
def test_measures_are_those_of_sets(documents):
    """Shared, Jaccard and both containments agree with Python's sets for every pair."""
    pairs = all_pairs(len(documents))
    found = measure_pairs(pairs, shingled(documents))
    for row, (a, b) in enumerate(pairs.tolist()):
        one, other = set(documents[a]), set(documents[b])
        assert found.shared[row] == len(one & other)
        assert found.jaccard[row] == len(one & other) / max(1, len(one | other))
        assert found.containment_a[row] == len(one & other) / max(1, len(one))
        assert found.containment_b[row] == len(one & other) / max(1, len(other))


@given(texts, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=20))
@settings(deadline=None)
def test_the_mutual_share_is_the_smaller_containment(documents, drawn):
    """In any order of pairs, with texts that are equal, that repeat themselves, and that are empty."""
    documents = [*documents, documents[0], documents[0] * 2, []]
    pairs = np.array([(a % len(documents), b % len(documents)) for a, b in drawn], np.uint32)
    pairs = pairs.reshape(-1, 2)
    sketches = shingled(documents)
    measures = measure_pairs(pairs, sketches)
    found = measure_mutual(pairs, sketches.shingles, sketches.offsets)
    wanted = np.minimum(measures.containment_a, measures.containment_b)
    assert found.tolist() == wanted.tolist()


def test_the_mutual_share_of_long_texts():
    """Tables grow when a long text comes, on either side of a pair."""
    long = list(range(0, 30_000 * 7, 7))
    documents = [[1, 2, 3], long, [*long[:20_000], 5], [1, 2, 4]]
    found = measure_mutual(
        np.array([(0, 3), (0, 1), (1, 2), (0, 3)], np.uint32),
        shingled(documents).shingles,
        shingled(documents).offsets,
    )
    assert found.tolist() == [2 / 3, 0.0, 20_000 / 30_000, 2 / 3]


@given(texts)
@settings(deadline=None)
def test_measures_are_symmetric_and_order_of_pairs_is_free(documents):
    """Exchanged ends exchange the containments and nothing else; pairs need no order."""
    sketches = shingled(documents)
    pairs = all_pairs(len(documents))
    straight = measure_pairs(pairs, sketches)
    turned = measure_pairs(np.ascontiguousarray(pairs[::-1, ::-1]), sketches)
    assert straight.shared.tolist() == turned.shared[::-1].tolist()
    assert straight.jaccard.tolist() == turned.jaccard[::-1].tolist()
    assert straight.containment_a.tolist() == turned.containment_b[::-1].tolist()
    assert straight.telling_a.tolist() == turned.telling_b[::-1].tolist()


@given(texts)
@settings(deadline=None)
def test_jaccard_is_one_for_equal_sets_only(documents):
    """Jaccard reaches 1 if and only if both sets are the same and not empty."""
    pairs = all_pairs(len(documents))
    found = measure_pairs(pairs, shingled(documents))
    for row, (a, b) in enumerate(pairs.tolist()):
        same = set(documents[a]) == set(documents[b]) != set()
        assert (found.jaccard[row] == 1) == same


@given(texts)
@settings(deadline=None)
def test_without_statistics_every_shingle_tells(documents):
    """Where nothing is known about rarity, the telling measures are the plain ones."""
    found = measure_pairs(all_pairs(len(documents)), shingled(documents))
    assert found.telling.tolist() == found.shared.tolist()
    assert found.telling_a.tolist() == found.containment_a.tolist()
    assert found.telling_b.tolist() == found.containment_b.tolist()


@given(texts)
@settings(deadline=None)
def test_spread_counts_the_texts_that_hold_a_shingle(documents):
    """Spread is the number of texts with the shingle; sharing a counter can only add to it."""
    sketches = shingled(documents)
    spread = measure_spread(sketches, np.arange(len(documents)))
    for value, found in zip(sketches.shingles.tolist(), spread.tolist(), strict=True):
        assert found >= sum(value in text for text in documents)
        assert found <= sum(
            any(other % 1024 == value % 1024 for other in text) for text in documents
        )


def test_copies_count_once():
    """Three hundred copies with one owner make no shingle common."""
    documents = [[1, 2, 3]] * 300 + [[3, 4, 5]]
    owners = np.array([0] * 300 + [300])
    spread = measure_spread(shingled(documents), owners)
    assert spread[:3].tolist() == [1, 1, 2]
    alone = measure_spread(shingled(documents), np.arange(301))
    assert alone[:3].tolist() == [255, 255, 255]


def test_what_many_texts_hold_tells_little():
    """A shingle in n texts weighs ``telling_spread / n``; the plain measures do not move."""
    formula = list(range(100, 110))
    documents = [[*formula, *range(1000 * n, 1000 * n + 10)] for n in range(1, 41)]
    sketches = shingled(documents)
    spread = measure_spread(sketches, np.arange(len(documents)))
    pair = np.array([[0, 1]], dtype=np.uint32)
    found = measure_pairs(pair, sketches, spread=spread)
    weight = VerifySpec().telling_spread / len(documents)
    assert found.shared[0] == 10
    assert found.jaccard[0] == pytest.approx(10 / 30)
    assert found.telling[0] == pytest.approx(10 * weight, abs=0.01)
    assert found.telling_a[0] == pytest.approx(10 * weight / (10 + 10 * weight), abs=0.001)


def test_read_only_arrays_are_accepted():
    """Arrays that are views of a file can be measured as they are."""
    sketches = shingled([[1, 2, 3], [2, 3, 4]])
    for array in (sketches.shingles, sketches.offsets):
        array.flags.writeable = False
    assert measure_pairs(all_pairs(2), sketches).shared.tolist() == [2]


def test_a_long_text_fits_a_larger_table():
    """Texts of very different length are measured in one call."""
    documents = [list(range(50_000)), [1, 2, 3], list(range(40_000, 90_000)), []]
    found = measure_pairs(all_pairs(4), shingled(documents))
    assert found.shared.tolist() == [3, 10_000, 0, 0, 0, 0]
