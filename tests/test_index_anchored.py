"""Candidates for translations: against a plain reading of the same rule, and as texts grow in number."""

import math
from collections import Counter, defaultdict
from itertools import combinations

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.config import AnchorSpec
from provenance.index.anchored import anchor_candidates
from provenance.sketch.anchoring import Anchors, anchors_of
from provenance.sketch.gazetteer import COARSE, DATE, KIND_BITS, NUMBER, SKELETON
from provenance.text.columns import columns_of

KINDS = (NUMBER, SKELETON, COARSE, DATE)
JOINED = AnchorSpec(all_up_to=0)


def anchors_from(documents, tongues, languages):
    """Anchors of documents that are lists of key numbers, a word each, ten characters apart.

    Key k is of kind ``KINDS[k % 4]``, and weighs what it is rare in its language, to a quarter: sums are
    exact, so that what is equal to the plain rule is equal to the kernel.
    """
    values = np.array([KINDS[key % 4] << KIND_BITS | key + 1 for key in range(64)], np.uint64)
    holders = Counter(
        (tongue, key) for keys, tongue in zip(documents, tongues, strict=True) for key in set(keys)
    )
    sizes = Counter(tongues)
    rows = []
    for keys, tongue in zip(documents, tongues, strict=True):
        placed = sorted((key, place) for place, key in enumerate(keys))
        weights = [
            round(-4 * math.log((holders[tongue, key] + 1) / (sizes[tongue] + 30))) / 4
            for key, _ in placed
        ]
        rows.append(
            [(key, weight, place) for (key, place), weight in zip(placed, weights, strict=True)]
        )
    flat = [row for of_text in rows for row in of_text]
    return Anchors(
        languages=languages,
        tongues=np.array(tongues, np.int64),
        values=values,
        keys=np.array([key for key, _, _ in flat], np.uint32),
        weights=np.array([weight for _, weight, _ in flat], np.float32),
        factors=np.ones(len(flat), np.float32),
        places=np.array([10 * place for _, _, place in flat], np.float32),
        words=np.array([place for _, _, place in flat], np.uint32),
        offsets=np.cumsum([0, *map(len, rows)]).astype(np.int64),
        lengths=np.array([10 * len(keys) for keys in documents], np.int64),
    )


def plainly(anchors, spec):
    """The rule word by word, for documents whose keys are held by few."""
    coarse = [name in ("ja", "ko", "zh") for name in anchors.languages]
    sizes = Counter(anchors.tongues.tolist())
    kinds = [int(value) >> KIND_BITS for value in anchors.values]
    held = defaultdict(set)
    for text, tongue in enumerate(anchors.tongues.tolist()):
        for row in range(anchors.offsets[text], anchors.offsets[text + 1]):
            held[int(anchors.keys[row])].add(tongue)
    texts = []
    for text, tongue in enumerate(anchors.tongues.tolist()):
        rows = sorted(
            (int(anchors.words[row]), int(anchors.keys[row]), float(anchors.weights[row]))
            for row in range(anchors.offsets[text], anchors.offsets[text + 1])
            if kinds[anchors.keys[row]] != DATE
            and len(held[int(anchors.keys[row])]) > 1
            and anchors.weights[row] >= spec.least_weight
        )
        near = {
            frozenset((one, other))
            for (place, (_, one, weight)) in enumerate(rows)
            for _, other, more in rows[place + 1 : place + 1 + spec.window]
            if one != other and weight + more >= math.log(sizes[tongue]) - spec.margin
        }
        texts.append(
            (tongue, {key: weight for _, key, weight in rows}, near, sum(w for *_, w in rows))
        )
    found = {}
    for (a, (tongue_a, keys_a, near_a, total_a)), (
        b,
        (tongue_b, keys_b, near_b, total_b),
    ) in combinations(enumerate(texts), 2):
        if tongue_a == tongue_b:
            continue
        rough = coarse[tongue_a] or coarse[tongue_b]
        shared = [
            pair for pair in near_a & near_b if rough or all(kinds[key] != COARSE for key in pair)
        ]
        if shared:
            common = sum(
                min(keys_a[key], keys_b[key])
                for key in keys_a.keys() & keys_b.keys()
                if rough or kinds[key] != COARSE
            )
            weight = math.sqrt(len(shared)) * (common + 1)
            one, other = total_a + 20, total_b + 20
            found[a, b] = (weight / min(one, other), weight / math.sqrt(one * other))
    chosen = set()
    for (a, b), (share, likeness) in found.items():
        places = [
            sum(
                (-other, pair) < (-likeness, (a, b))
                for pair, (_, other) in found.items()
                if own in pair and anchors.tongues[sum(pair) - own] == anchors.tongues[foreign]
            )
            for own, foreign in ((a, b), (b, a))
        ]
        if share >= spec.much_common or (max(places) < spec.best and share >= spec.least_common):
            chosen.add((a, b))
    return chosen


DOCUMENTS = st.lists(
    st.tuples(st.lists(st.integers(0, 23), max_size=14), st.integers(0, 3)), min_size=1, max_size=9
)


def proposed(anchors, spec=JOINED):
    return {tuple(pair) for pair in anchor_candidates(anchors, spec).tolist()}


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.integers(1, 4), st.integers(1, 2), st.sampled_from([0.0, 1.7]))
def test_candidates_are_those_of_the_plain_rule(documents, window, best, margin):
    """The join over hashes finds the pairs that the rule names, word by word."""
    spec = attrs.evolve(JOINED, window=window, best=best, margin=margin, much_common=0.4)
    texts, tongues = map(list, zip(*documents, strict=True))
    anchors = anchors_from(texts, tongues, ("ar", "en", "ru", "zh"))
    assert proposed(anchors, spec) == plainly(anchors, spec)


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_candidates_are_sorted_pairs_of_two_languages(documents):
    """The smaller number first, ascending, none twice, never two texts of one language."""
    texts, tongues = map(list, zip(*documents, strict=True))
    for spec in (JOINED, AnchorSpec()):
        anchors = anchors_from(texts, tongues, ("ar", "en", "ru", "zh"))
        pairs = anchor_candidates(anchors, spec)
        assert pairs.dtype == np.uint32
        assert pairs.shape[1] == 2
        assert (pairs[:, 0] < pairs[:, 1]).all()
        assert pairs.tolist() == sorted(map(list, set(map(tuple, pairs.tolist()))))
        assert (anchors.tongues[pairs[:, 0]] != anchors.tongues[pairs[:, 1]]).all()


def test_among_few_texts_all_of_two_languages_are_candidates():
    """A handful of texts costs nothing to compare, and may lack the two anchors of a key."""
    texts = ["One Merkel.", "ميركل", "Меркель", "Nothing at all"]
    anchors = anchors_of(columns_of(texts), texts, ["en", "ar", "ru", "en"])
    assert proposed(anchors, AnchorSpec()) == {(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)}


def test_texts_of_one_language_have_no_candidates():
    """They are for the candidates by rare words."""
    texts = ["Merkel met Macron in Paris on 12 May 2018"] * 60
    anchors = anchors_of(columns_of(texts), texts, ["en"] * 60)
    assert proposed(anchors, AnchorSpec()) == set()


NAMES = [
    ("Merkel", "ميركل"), ("Macron", "ماكرون"), ("Erdogan", "أردوغان"), ("Lukashenko", "لوكاشينكو"),
    ("Stoltenberg", "ستولتنبرغ"), ("Bolsonaro", "بولسونارو"), ("Guterres", "غوتيريش"), ("Soleimani", "سليماني"),
    ("Netanyahu", "نتنياهو"), ("Sarkozy", "ساركوزي"), ("Clinton", "كلينتون"), ("Epstein", "إبستين"),
]  # fmt: skip


@pytest.mark.parametrize("full_bucket", [2, 20])
def test_translations_in_great_number_meet(full_bucket):
    """Fifteen versions in each of two languages meet, though no key is shared by few."""
    random = np.random.default_rng(4)
    texts, languages = [], []
    for copy in range(30):
        side = copy % 2
        texts.append(
            " ".join(f"{pair[side]} {number * 37 + 1000}" for number, pair in enumerate(NAMES))
        )
        languages.append(("en", "ar")[side])
    for number in range(400):
        words = random.integers(1_000, 9_000, 12)
        texts.append(" ".join(map(str, words)))
        languages.append(("en", "ar")[number % 2])
    anchors = anchors_of(columns_of(texts), texts, languages)
    found = proposed(anchors, AnchorSpec(full_bucket=full_bucket))
    wanted = {(a, b) for a, b in combinations(range(30), 2) if (a + b) % 2}
    assert wanted <= found


def test_candidates_of_a_text_do_not_grow_with_the_collection():
    """Among four times as many texts about as many are candidates, and a translation is found."""
    per_text = []
    for size in (500, 2_000):
        random = np.random.default_rng(7)
        frequent = (1 / np.arange(1, 5_001)) / (1 / np.arange(1, 5_001)).sum()
        numbers = random.choice(5_000, (size, 40), p=frequent) + 1_000
        numbers[1] = np.where(np.arange(40) % 3 == 0, numbers[1], numbers[0])
        texts = [" ".join(f"word {number}" for number in row) for row in numbers.tolist()]
        anchors = anchors_of(columns_of(texts), texts, ["en", "ar"] * (size // 2))
        pairs = proposed(anchors, AnchorSpec())
        assert (0, 1) in pairs
        per_text.append(2 * len(pairs) / size)
    assert per_text[1] < 1.5 * per_text[0] + 1
