"""Candidates by rare words: against a plain reading of the same rule, and at a size that matters."""

import math
from collections import Counter
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.config import RareSpec
from provenance.index.rare import rare_candidates
from provenance.sketch.wording import wording_of
from provenance.text.columns import columns_of

LETTERS = "abcdefghij"
TEXTS = st.lists(st.lists(st.sampled_from(LETTERS), max_size=30), max_size=8)


def worded(documents, languages=None):
    texts = [" ".join(words) for words in documents]
    return wording_of(columns_of(texts), texts, languages or [""] * len(texts))


def proposed(documents, spec=None, languages=None):
    return {tuple(pair) for pair in rare_candidates(worded(documents, languages), spec).tolist()}


def plainly(documents, spec):
    """The rule, word by word, for documents whose keys are held by few."""
    texts = len(documents)
    holders = Counter(word for words in documents for word in set(words))
    most = max(spec.few_texts, spec.common_share * texts)
    weight = {word: math.log((texts + 100) / (count + 0.3)) for word, count in holders.items()}
    keys = []
    for words in documents:
        kept = [word for word in words if 2 <= holders[word] <= most]
        keys.append(
            {
                frozenset((early, late))
                for place, late in enumerate(kept)
                for early in kept[max(0, place - spec.window) : place]
                if early != late and weight[early] + weight[late] >= math.log(texts) + spec.margin
            }
        )
    return {
        (a, b) for a, b in combinations(range(texts), 2) if len(keys[a] & keys[b]) >= spec.shared
    }


@settings(max_examples=80)
@given(TEXTS, st.integers(1, 6), st.integers(1, 3), st.sampled_from([-1.0, 0.0, 6.0, 7.0]))
def test_candidates_are_those_of_the_rule(documents, window, shared, margin):
    """The pairs are those that share enough keys, read one by one."""
    spec = RareSpec(window=window, shared=shared, margin=margin)
    assert proposed(documents, spec) == plainly(documents, spec)


@settings(max_examples=50)
@given(TEXTS, st.permutations(range(8)))
def test_the_order_of_the_texts_does_not_matter(documents, order):
    """Texts in another order give the same pairs."""
    order = [place for place in order if place < len(documents)]
    shuffled = proposed([documents[place] for place in order])
    assert {tuple(sorted((order[a], order[b]))) for a, b in shuffled} == proposed(documents)


@settings(max_examples=50)
@given(TEXTS)
def test_pairs_are_sorted_and_none_comes_twice(documents):
    """The smaller number comes first, pairs ascend, and no text is paired with itself."""
    pairs = rare_candidates(worded(documents))
    assert pairs.dtype == np.uint32
    assert pairs.shape == (len(pairs), 2)
    rows = [tuple(pair) for pair in pairs.tolist()]
    assert rows == sorted(set(rows))
    assert all(a < b for a, b in rows)


def test_texts_of_two_languages_are_not_paired():
    """The same words in two languages are not the same words."""
    words = list(LETTERS)
    assert proposed([words, words], languages=["en", "en"]) == {(0, 1)}
    assert proposed([words, words], languages=["en", "de"]) == set()


def test_shuffled_words_are_still_found():
    """Words in another order within a few words of each other make the same keys."""
    words = [f"w{chr(97 + n)}" for n in range(24)]
    swapped = [word for at in range(0, 24, 2) for word in (words[at + 1], words[at])]
    assert proposed([words, swapped]) == {(0, 1)}


def test_no_texts_and_texts_without_words_have_no_candidates():
    """Nothing is paired where nothing is written."""
    assert proposed([]) == set()
    assert proposed([[], []]) == set()


def test_versions_in_great_number_meet():
    """Of 40 versions each meets every other, though no key is shared by few enough to pair them all."""
    random = np.random.default_rng(5)
    vocabulary = [f"w{number}x" for number in range(40_000)]

    def drawn(count):
        return [vocabulary[number] for number in random.integers(0, 40_000, count)]

    common = drawn(60)
    documents = [[*common, *drawn(20)] for _ in range(40)] + [drawn(80) for _ in range(3_000)]
    pairs = proposed(documents)
    assert {pair for pair in pairs if pair[1] < 40} == set(combinations(range(40), 2))
    assert len(pairs) < 2 * 40 * 39 / 2


def test_candidates_of_a_text_do_not_grow_with_the_collection():
    """Among four times as many texts about as many are candidates, and a rewritten text is found."""
    per_text = []
    for size in (500, 2_000):
        random = np.random.default_rng(7)
        frequent = (1 / np.arange(1, 20_001)) / (1 / np.arange(1, 20_001)).sum()
        words = random.choice(20_000, (size, 150), p=frequent)
        # Text 1 says two thirds of text 0, every third word replaced.
        words[1] = np.where(np.arange(150) % 3 == 0, words[1], words[0])
        pairs = proposed([[f"w{number}x" for number in row] for row in words.tolist()])
        assert (0, 1) in pairs
        per_text.append(2 * len(pairs) / size)
    assert per_text[1] < 2 * per_text[0] + 1
