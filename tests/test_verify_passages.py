"""Passages of two texts, in whatever order of words: behavior through the public doors."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.sketch.wording import Wording, wording_of
from provenance.text.columns import columns_of
from provenance.verify.passages import (
    align_passages,
    find_passages,
    link_passages,
    spans_of,
)


def wording(texts: list[str], language: str = "qaa") -> Wording:
    return wording_of(columns_of(texts), texts, [language] * len(texts))


def invented(count: int, seed: int, letters: str = "bcdfgklmnprstvz") -> list[str]:
    """Words that no two seeds share."""
    draw = random.Random(seed)
    return [
        "".join(draw.choice(letters) + draw.choice("aeou") for _ in range(4)) + letters[seed % 15]
        for _ in range(count)
    ]


def covered(span: tuple[int, int], planted: tuple[int, int]) -> float:
    """How much of the planted span is inside."""
    shared = min(span[1], planted[1]) - max(span[0], planted[0])
    return max(0, shared) / (planted[1] - planted[0])


def within(text: str, passage: str) -> tuple[int, int]:
    start = text.index(passage)
    return start, start + len(passage)


def shuffled_lightly(words: list[str], seed: int) -> list[str]:
    """Exchange neighbors here and there."""
    draw = random.Random(seed)
    result = list(words)
    for place in range(0, len(result) - 1, 2):
        if draw.random() < 0.4:
            result[place : place + 2] = result[place + 1], result[place]
    return result


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(200, 5_000),
    st.floats(0, 1),
    st.sampled_from(["verbatim", "neighbors", "any order"]),
    st.booleans(),
)
def test_flash_is_found_in_a_round_up_of_any_length(
    seed: int, length: int, where: float, how: str, turned: bool
) -> None:
    """A flash of 60 words inside 5,000 others is found, whole and with little around it, either way."""
    flash = invented(60, 3 * seed)
    planted = flash
    if how == "neighbors":
        planted = shuffled_lightly(flash, seed)
    elif how == "any order":
        planted = random.Random(seed).sample(flash, len(flash))
    other = invented(length, 3 * seed + 1)
    place = int(where * length)
    inside = " ".join(planted)
    texts = [" ".join(flash), " ".join([*other[:place], inside, *other[place:]])]
    if turned:
        texts.reverse()
    found = align_passages(wording(texts), 0, 1)
    assert len(found) == 1
    spans = (found[0].b, found[0].a) if turned else (found[0].a, found[0].b)
    round_up = texts[0] if turned else texts[1]
    target = within(round_up, inside)
    assert covered(spans[0], (0, len(" ".join(flash)))) > 0.9
    assert covered(spans[1], target) > 0.9
    assert covered(target, spans[1]) > 0.9


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 3))
def test_nothing_is_found_where_nothing_is_shared(seed: int, shared: int) -> None:
    """A handful of common words is no passage."""
    common = invented(4 * shared, seed)
    texts = [
        " ".join([*invented(200, seed + 1), *common]),
        " ".join([*common, *invented(300, seed + 2)]),
    ]
    assert align_passages(wording(texts), 0, 1) == ()


def test_half_the_words_may_be_replaced() -> None:
    """A passage whose every second word was replaced is found by what stands between, in order."""
    kept = invented(60, 1)
    other = invented(60, 2)
    reworded = [
        own if place % 2 else new for place, (own, new) in enumerate(zip(kept, other, strict=True))
    ]
    texts = [
        " ".join([*invented(150, 3), *kept, *invented(150, 4)]),
        " ".join([*invented(400, 5), *reworded, *invented(90, 6)]),
    ]
    (found,) = align_passages(wording(texts), 0, 1)
    assert covered(found.a, within(texts[0], " ".join(kept))) > 0.9
    assert covered(found.b, within(texts[1], " ".join(reworded))) > 0.9


def test_shared_subject_in_another_order_is_no_passage() -> None:
    """Two texts that use the same forty words each in its own way have no passage in common."""
    subject = invented(40, 1)
    own = [invented(110, 2), invented(110, 3)]
    texts = []
    for seed, words in enumerate(own):
        text = [*subject, *words]
        random.Random(seed).shuffle(text)
        texts.append(" ".join(text))
    assert align_passages(wording(texts), 0, 1) == ()


def test_exchanged_paragraphs_are_found_each() -> None:
    """Paragraphs in another order are passages of their own, and quote the same words."""
    parts = [" ".join(invented(50, seed)) for seed in range(3)]
    between = [" ".join(invented(60, seed)) for seed in range(3, 8)]
    texts = [
        " ".join([parts[0], between[0], parts[1], between[1], parts[2]]),
        " ".join([between[2], parts[2], between[3], parts[0], between[4], parts[1]]),
    ]
    found = align_passages(wording(texts), 0, 1)
    assert [texts[0][slice(*span.a)] for span in found] == parts
    assert [texts[1][slice(*span.b)] for span in found] == parts
    assert {span.view for span in found} == {"wording"}


def test_all_sources_of_a_stretch_are_kept() -> None:
    """What stands in three texts is found in each of their pairs."""
    item = " ".join(invented(60, 1))
    texts = [f"{' '.join(invented(100, seed))} {item}" for seed in range(2, 5)]
    known = wording(texts)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        (found,) = align_passages(known, a, b)
        assert texts[a][slice(*found.a)] == texts[b][slice(*found.b)] == item


@pytest.mark.parametrize(
    ("first", "second"),
    [("", "word"), ("", ""), ("one two", "one two"), ("!!!", "???")],
)
def test_texts_of_few_words_have_no_passage(first: str, second: str) -> None:
    """Less than a passage's words is none, be it the whole text."""
    assert align_passages(wording([first, second]), 0, 1) == ()


def test_two_languages_share_no_passage() -> None:
    """The same letters in two languages are other words."""
    text = " ".join(invented(100, 1))
    columns = columns_of([text, text])
    assert align_passages(wording_of(columns, [text, text], ["qaa", "qab"]), 0, 1) == ()


def test_many_pairs_are_answered_as_each_alone() -> None:
    """The batch finds what single questions find, in the order of the pairs; repeating them is no matter."""
    item = invented(80, 1)
    texts = [" ".join([*invented(120, seed), *item[seed : seed + 60]]) for seed in range(2, 8)]
    known = wording(texts)
    pairs = np.array([(a, b) for a in range(6) for b in range(6) if a != b] * 3, np.uint32)
    together = spans_of(find_passages(pairs, known), pairs, known)
    assert together == [align_passages(known, a, b) for a, b in pairs.tolist()]
    assert all(together)


def test_no_pairs_no_passages() -> None:
    """An empty question has an empty answer."""
    pairs = np.empty((0, 2), np.uint32)
    known = wording(["one two three"])
    found = find_passages(pairs, known)
    assert len(found.pairs) == 0
    assert spans_of(found, pairs, known) == []
    assert link_passages(found, pairs, known).linked.size == 0


def forecast(seed: int, form: list[str]) -> str:
    """A form with every sixth word filled in."""
    filled = invented(len(form), seed)
    return " ".join(
        new if place % 6 == seed % 6 else old
        for place, (old, new) in enumerate(zip(form, filled, strict=True))
    )


def test_forms_make_no_link_and_items_do() -> None:
    """Twenty reports by one form share passages and are not linked; two texts with an item of their own are."""
    form = invented(90, 1)
    item = " ".join(invented(60, 2))
    texts = [forecast(seed, form) for seed in range(10, 30)]
    texts += [f"{item} {' '.join(invented(40, seed))}" for seed in (40, 41)]
    known = wording(texts)
    pairs = np.array([(0, 1), (3, 4), (20, 21), (0, 20)], np.uint32)
    found = find_passages(pairs, known)
    links = link_passages(found, pairs, known)
    assert links.linked.tolist() == [False, False, True, False]
    assert set(found.pairs.tolist()) == {0, 1, 2}
    assert links.telling_share[2] > 0.9
    assert links.covered_a[2] == links.covered_b[2] == pytest.approx(0.6)
    assert links.telling[3] == links.covered_a[3] == 0


def test_copies_count_as_one_holder() -> None:
    """An item does not become a form by its success, if its copies are known."""
    item = " ".join(invented(60, 1))
    texts = [f"{item} {' '.join(invented(40, 2))}"] * 20
    texts.append(f"{' '.join(invented(50, 3))} {item}")
    known = wording(texts)
    pairs = np.array([(0, 20)], np.uint32)
    found = find_passages(pairs, known)
    owners = np.array([0] * 20 + [20])
    assert not link_passages(found, pairs, known).linked[0]
    assert link_passages(found, pairs, known, owners=owners).linked[0]
