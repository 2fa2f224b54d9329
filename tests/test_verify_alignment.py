"""Where two texts are the same: runs of equal words, and passages made of them."""

from __future__ import annotations

import time

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.config import VerifySpec
from provenance.text.columns import columns_of
from provenance.text.folding import fold_text
from provenance.verify.alignment import align_pair, equal_runs

words = st.sampled_from(["alpha", "beta", "gamma", "delta", "مصر", "قال", "eins", "zwei", "drei"])
texts = st.lists(words, max_size=40).map(" ".join)
EXACT = VerifySpec(max_gap=0, min_passage=1)


@given(texts, texts)
@settings(deadline=None)
def test_runs_quote_equal_words_and_use_each_once(a, b):
    """A run is the same words in both texts, and no word of either is in two runs."""
    columns = columns_of([a, b])
    one, other = a.split(), b.split()
    used_a, used_b = [], []
    for place_a, place_b, length in equal_runs(columns, 0, 1).tolist():
        assert one[place_a : place_a + length] == other[place_b : place_b + length]
        used_a += range(place_a, place_a + length)
        used_b += range(place_b, place_b + length)
    assert len(set(used_a)) == len(used_a)
    assert len(set(used_b)) == len(used_b)
    assert used_a == sorted(used_a)


@given(texts, texts)
@settings(deadline=None)
def test_a_run_can_not_be_extended(a, b):
    """Left and right of a run the words differ, or belong to another run, or the text ends."""
    columns = columns_of([a, b])
    one, other = a.split(), b.split()
    runs = equal_runs(columns, 0, 1).tolist()
    free_a, free_b = set(range(len(one))), set(range(len(other)))
    for place_a, place_b, length in runs:
        free_a -= set(range(place_a, place_a + length))
        free_b -= set(range(place_b, place_b + length))
    for place_a, place_b, length in runs:
        for at_a, at_b in ((place_a - 1, place_b - 1), (place_a + length, place_b + length)):
            if at_a in free_a and at_b in free_b:
                assert one[at_a] != other[at_b]


@given(texts, texts, texts)
@settings(deadline=None)
def test_passages_without_gaps_fold_to_the_same_words(a, b, shared):
    """Where no gap is allowed, both spans of a passage quote the same text after folding."""
    one, other = f"{a} {shared} {b}", f"{b} {shared}"
    columns = columns_of([one, other])
    for passage in align_pair(columns, 0, 1, EXACT):
        assert fold_text(one[slice(*passage.a)]) == fold_text(other[slice(*passage.b)])


@given(texts.filter(bool))
@settings(deadline=None)
def test_a_text_is_one_passage_with_itself(text):
    """Equal texts align from the first word to the last, however often words repeat."""
    columns = columns_of([text, text])
    (passage,) = align_pair(columns, 0, 1)
    assert passage.a == passage.b == (0, len(text))


def test_a_changed_name_does_not_cut_a_passage():
    """A few other words between two runs leave them one passage."""
    a = "Officials in Harbor City said the old bridge will close for nine days next month"
    b = "Officials in Port Lane said the old bridge will close for nine days next month"
    (passage,) = align_pair(columns_of([a, b]), 0, 1)
    assert a[slice(*passage.a)] == "said the old bridge will close for nine days next month"
    wider = attrs.evolve(VerifySpec(), min_run=2)
    (passage,) = align_pair(columns_of([a, b]), 0, 1, wider)
    assert passage.a == (0, len(a))
    assert passage.b == (0, len(b))


def test_spans_are_those_of_the_originals():
    """Vowel marks, stretching and punctuation stay inside the spans that quote them."""
    a = "«أعلنت الوزارةُ، اليوم، إغلاق الجسر القديم تسعة أيام لإجراء إصلاحات عاجلة»"
    b = "وكان مسؤول قد صرح: أعلنت الوزارة اليوم إغلاق الجســر القديم تسعة أيام لإجراء إصلاحات عاجلة"
    (passage,) = align_pair(columns_of([a, b]), 0, 1)
    assert a[slice(*passage.a)] == a.strip("«»")
    assert b[slice(*passage.b)].startswith("أعلنت")
    assert b[slice(*passage.b)].endswith("عاجلة")


def test_paragraphs_in_another_order_are_all_found():
    """Two passages that changed places are both aligned."""
    first = "The ferry will run every twenty minutes while the road is closed to traffic"
    second = "Shops on both banks fear for their summer trade and ask the city for help"
    a, b = f"{first}. {second}.", f"{second}. {first}."
    passages = align_pair(columns_of([a, b]), 0, 1)
    assert [a[slice(*p.a)] for p in passages] == [first, second]
    assert [b[slice(*p.b)] for p in passages] == [first, second]


def test_phrases_are_dropped_where_a_passage_stands():
    """Three equal words beside a paragraph are no passage of their own."""
    body = "the council voted late on Tuesday to rebuild the school that burned down in spring"
    a = f"After all that time {body}"
    b = f"Nobody knew why. {body}. It had taken long, after all that noise"
    passages = align_pair(columns_of([a, b]), 0, 1)
    assert [a[slice(*p.a)] for p in passages] == [body]


def test_the_longest_run_stands_where_none_is_long():
    """Two short texts with four words in common show these four."""
    columns = columns_of(["rain in the north today", "snow in the north today again"])
    (passage,) = align_pair(columns, 0, 1)
    assert passage.a == (5, 23)


@pytest.mark.parametrize(("a", "b"), [("", ""), ("", "word"), ("one two", "three four")])
def test_nothing_in_common_gives_no_passage(a, b):
    """Without an equal word there is no passage, and no error."""
    assert align_pair(columns_of([a, b]), 0, 1) == ()


@pytest.mark.parametrize(
    "make",
    [
        lambda rng, n: (rng.integers(0, 5000, n),) * 2,
        lambda rng, n: (np.zeros(n, int), np.zeros(n - 7, int)),
        lambda rng, n: (np.arange(n) % 4, np.arange(n - 5) % 4),
        lambda rng, n: (rng.integers(0, 20, n), rng.integers(0, 20, n)),
    ],
    ids=["equal", "one word", "a refrain", "twenty words at random"],
)
def test_time_is_near_linear(make):
    """Fifty thousand words align within a second, also where everything repeats."""
    rng = np.random.default_rng(0)
    columns = columns_of([" ".join(map(str, text)) for text in make(rng, 50_000)])
    start = time.perf_counter()
    equal_runs(columns, 0, 1)
    assert time.perf_counter() - start < 1
