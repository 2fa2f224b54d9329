"""Which pairs the index proposes: none lost that matters, and never many."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.config import IndexSpec, SketchSpec
from provenance.index.candidates import candidate_pairs
from provenance.sketch.signatures import sketch_columns
from provenance.text.columns import Columns

WIDTH = SketchSpec().width


def sketched(documents):
    """Sketches of texts given as lists of whole numbers, one for each word."""
    tokens = np.array([word for words in documents for word in words], dtype=np.uint64)
    places = np.arange(tokens.size, dtype=np.uint32)
    lengths = [len(words) for words in documents]
    columns = Columns(
        tokens=(tokens + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15),
        starts=places,
        ends=places + 1,
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
    )
    return sketch_columns(columns, SketchSpec())


def proposed(documents, spec=None):
    return {tuple(pair) for pair in candidate_pairs(sketched(documents), spec).tolist()}


def shingles(words):
    if not words:
        return set()
    return {tuple(words[at : at + WIDTH]) for at in range(max(1, len(words) - WIDTH + 1))}


def overlap(one, other):
    """Shared shingles, Jaccard, and containment in the smaller."""
    a, b = shingles(one), shingles(other)
    shared = len(a & b)
    return shared, shared / max(1, len(a | b)), shared / max(1, min(len(a), len(b)))


def connected(pairs, members):
    """Whether chains of pairs tie all members together."""
    parent = {member: member for member in members}

    def find(member):
        while parent[member] != member:
            member = parent[member]
        return member

    for a, b in pairs:
        if a in parent and b in parent:
            parent[find(b)] = find(a)
    return len({find(member) for member in members}) == 1


def edited(rng, words, share):
    """The text with a share of its words replaced by words that stand nowhere else."""
    changed = rng.random(len(words)) < share
    fresh = rng.integers(10**9, 2 * 10**9, len(words))
    return [
        int(new) if flag else word for word, new, flag in zip(words, fresh, changed, strict=True)
    ]


documents = st.lists(st.lists(st.integers(0, 6), max_size=12), max_size=12)


@given(documents)
@settings(deadline=None)
def test_pairs_are_sorted_and_each_stands_once(texts):
    """The smaller number comes first, rows are in order, and none is repeated."""
    pairs = candidate_pairs(sketched(texts))
    assert pairs.dtype == np.uint32
    rows = pairs.tolist()
    assert rows == sorted({tuple(row): row for row in rows}.values())
    assert all(a < b < len(texts) for a, b in rows)


@given(documents)
@settings(deadline=None)
def test_equal_texts_are_always_proposed(texts):
    """Every pair of texts with the same words is a candidate, one word or many."""
    pairs = proposed(texts)
    for a, b in combinations(range(len(texts)), 2):
        if texts[a] and texts[a] == texts[b]:
            assert (a, b) in pairs


@given(documents)
@settings(deadline=None)
def test_texts_of_a_few_words_are_proposed_only_if_equal(texts):
    """Below five words there is no likeness, only identity; without a word there is nothing."""
    for a, b in proposed(texts):
        if min(len(texts[a]), len(texts[b])) < IndexSpec().exact_below:
            assert texts[a] == texts[b] != []


@given(documents, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_the_texts_does_not_matter(texts, random):
    """The same texts in another order give the same pairs of texts."""
    order = list(range(len(texts)))
    random.shuffle(order)
    turned = {
        tuple(sorted((order[a], order[b]))) for a, b in proposed([texts[old] for old in order])
    }
    assert turned == proposed(texts)


def test_the_oracle_finds_no_copy_that_the_index_misses():
    """Against all pairs of a generated corpus: whatever is worth a link is proposed."""
    rng = np.random.default_rng(7)
    texts = []
    for _ in range(60):
        words = rng.integers(0, 10**6, int(rng.integers(40, 400))).tolist()
        texts.append(words)
        texts += [edited(rng, words, share) for share in (0.02, 0.1, 0.2, 0.3)]
        texts.append(words[: len(words) // 2])
        start = int(rng.integers(0, len(words) - 30))
        around = rng.integers(0, 10**6, 2 * len(words)).tolist()
        texts.append(around[: len(words)] + words[start : start + 30] + around[len(words) :])
        texts.append(words[start : start + 25])
    pairs = proposed(texts)
    sets = [shingles(words) for words in texts]
    expected = set()
    for a, b in combinations(range(len(texts)), 2):
        shared = len(sets[a] & sets[b])
        smaller = min(len(sets[a]), len(sets[b]))
        if shared >= 8 and (
            shared >= 0.36 * smaller or shared >= 0.27 * (len(sets[a]) + len(sets[b]) - shared)
        ):
            expected.add((a, b))
    assert len(expected) > 900
    assert len(expected - pairs) <= 0.005 * len(expected)
    # A candidate costs a look, so noise must stay small: nothing is proposed for a shingle or two.
    assert len(pairs) < 3 * len(expected)


def test_bands_find_what_the_formula_says():
    """Of pairs at one Jaccard similarity, bands alone find ``1 - (1 - s**rows)**bands``."""
    rng = np.random.default_rng(11)
    bands, rows, count = 8, 2, 600
    texts = []
    for _ in range(count):
        common = rng.integers(0, 2**40, 260).tolist()
        one, other = (rng.integers(0, 2**40, 260).tolist() for _ in range(2))
        texts += [common + one, common + other]
    measured = [overlap(texts[2 * n], texts[2 * n + 1])[1] for n in range(count)]
    similarity = sum(measured) / count
    spec = IndexSpec(
        bands=bands, rows=rows, agreement=1, sampling=2**31, short_shingles=0, full_bucket=50
    )
    pairs = proposed(texts, spec)
    found = sum((2 * n, 2 * n + 1) in pairs for n in range(count)) / count
    expected = 1 - (1 - similarity**rows) ** bands
    sigma = (expected * (1 - expected) / count) ** 0.5
    assert abs(found - expected) < 4 * sigma


def test_ten_thousand_copies_cost_a_few_pairs_each():
    """A bucket of ten thousand copies is tied together by a linear number of pairs."""
    rng = np.random.default_rng(3)
    words = rng.integers(0, 2**40, 120).tolist()
    texts = [edited(rng, words, 0.01) for _ in range(10_000)]
    spec = IndexSpec()
    pairs = candidate_pairs(sketched(texts), spec)
    assert len(pairs) <= len(texts) * (spec.anchors + 1)
    assert connected(map(tuple, pairs.tolist()), range(len(texts)))


def test_identical_copies_have_anchors_and_a_chain():
    """Of identical texts each is tied to the first few and to its predecessor, no more."""
    spec = IndexSpec()
    texts = [list(range(80))] * 2_000
    pairs = proposed(texts, spec)
    expected = {
        (a, b) for b in range(2_000) for a in {*range(min(b, spec.anchors)), b - 1} if a >= 0
    }
    assert pairs == expected


@pytest.mark.parametrize("size", [2, 5, 50])
def test_all_pairs_of_a_group_of_up_to_fifty_are_listed(size):
    """Up to fifty copies no pair is left out."""
    texts = [list(range(60)) for _ in range(size)] + [list(range(1000, 1060))]
    assert proposed(texts) == set(combinations(range(size), 2))


def test_a_formula_in_every_text_costs_a_few_pairs_each():
    """Boilerplate of forty words at the head of 5,000 texts does not make all pairs candidates."""
    rng = np.random.default_rng(4)
    formula = rng.integers(0, 2**40, 40).tolist()
    texts = [formula + rng.integers(0, 2**40, 160).tolist() for _ in range(5_000)]
    pairs = candidate_pairs(sketched(texts))
    assert len(pairs) <= 20 * len(texts)


def test_a_copy_is_found_below_the_formula_that_all_share():
    """Two copies among a thousand texts with one formula are proposed, though every bucket is hot."""
    rng = np.random.default_rng(5)
    formula = rng.integers(0, 2**40, 60).tolist()
    texts = [formula + rng.integers(0, 2**40, 60).tolist() for _ in range(1_000)]
    texts[700] = edited(rng, texts[300], 0.1)
    assert (300, 700) in proposed(texts)


def test_a_flash_is_found_in_the_article_that_holds_it():
    """Twelve words inside two thousand: no band sees it, the keys of the short text do."""
    rng = np.random.default_rng(6)
    article = rng.integers(0, 2**40, 2_000).tolist()
    texts = [article, article[900:912], rng.integers(0, 2**40, 500).tolist()]
    assert (0, 1) in proposed(texts)


def test_an_excerpt_of_a_widely_copied_item_is_tied_to_a_copy():
    """Two hundred copies make every key hot; the excerpt still meets one of them."""
    rng = np.random.default_rng(8)
    item = rng.integers(0, 2**40, 400).tolist()
    texts = [edited(rng, item, 0.01) for _ in range(200)]
    texts.append(item[100:130])
    assert any(b == 200 for _, b in proposed(texts))


def test_nothing_in_nothing_out():
    """No text, or texts without a word, give no pairs and no error."""
    assert candidate_pairs(sketched([])).shape == (0, 2)
    assert candidate_pairs(sketched([[], [], []])).shape == (0, 2)
