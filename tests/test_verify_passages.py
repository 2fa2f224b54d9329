"""Passages of two texts, in whatever order of words: behavior through the public doors."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.sketch.wording import Wording, wording_of
from provenance.text.columns import columns_of
from provenance.verify.passages import align_passages


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
