"""Forms that an office fills in every day, and what must not be taken for one."""

from __future__ import annotations

import random

import attrs
import numpy as np
import pytest

from provenance.config import Profile
from provenance.index.candidates import candidate_pairs
from provenance.sketch.signatures import sketch_columns
from provenance.text.columns import columns_of
from provenance.verify.matching import match_pairs

DAYS, OUTLETS = 10, 5

#: Enough texts around that a word of one day's five reprints is rare.
CROWD = 2_400

#: A form of the rare kind: every day has names of its own in every sentence.
NAMED = (
    "The port office of {} announced yesterday that the ship {} was allowed to leave again. Its master "
    "{} had been accused of carrying {} without a permit, and the court of {} had fined the owner "
    "{} before the cargo was returned to him. The office warns everyone who might think of doing the "
    "same that inspectors from {} search all holds at night, and that the law spares nobody. Permits "
    "are given in the customs house at {} on working days from eight until noon."
)

#: A form of the common kind: few names, the rest from a small stock of words.
COMMON = (
    "The weather office expects for today {0} skies in the north of the country and {1} skies in the "
    "south of the country, with {2} fog in the west of the country as far as {13} until noon. The report "
    "adds that winds in the gulf will be {3} to {4}, at {5} knots, with a sea that is {6} in the morning "
    "and {7} in the evening; winds in the straits will be {8} to {9}, at {10} knots, with a sea that is "
    "{11} in the morning and {12} in the evening. All ships off {14} should keep their radio on."
)
STOCK = ["clear", "cloudy", "dusty", "hazy", "light", "dense", "calm", "rough"]
STOCK += ["north", "south", "east", "west", "ten", "twenty", "thirty"]


def word(draw):
    return "".join(draw.choices("abcdefghijklmnoprstuvwyz", k=7))


def name(draw):
    return f"{word(draw)} {word(draw)}"


def crowd(draw):
    """Texts about nothing, each in words of its own and one of the stock."""
    return [" ".join([*(word(draw) for _ in range(6)), draw.choice(STOCK)]) for _ in range(CROWD)]


def named(draw):
    return NAMED.format(*(name(draw) for _ in range(8)))


def common(draw):
    return COMMON.format(*(draw.choice(STOCK) for _ in range(13)), name(draw), name(draw))


def reprinted(fill, draw):
    """Texts and publishers: a new filling every day, printed by every outlet under its own place line."""
    items = [fill(draw) for _ in range(DAYS)]
    texts = [f"{place}. {item}" for item in items for place in places(OUTLETS)]
    return texts, [f"outlet {n}" for n in range(OUTLETS)] * DAYS


def places(count):
    return [f"Place{n}" for n in range(count)]


def links(texts, publishers=(), *, drop_forms=True):
    """Linked pairs of all texts, as the index proposes them."""
    profile = Profile()
    columns = columns_of(texts)
    sketches = sketch_columns(columns, profile.sketch)
    pairs = candidate_pairs(sketches, profile.index)
    spec = attrs.evolve(profile.verify, drop_forms=drop_forms)
    found = match_pairs(pairs, sketches, columns, spec, texts=texts, publishers=publishers)
    return {(match.a, match.b) for match in found}


@pytest.fixture(scope="module", params=[named, common])
def batch(request):
    draw = random.Random(3)
    texts, publishers = reprinted(request.param, draw)
    return texts + crowd(draw), publishers + [""] * CROWD


def test_fillings_of_different_days_are_forms_and_reprints_are_not(batch):
    """No link joins two days, though many would by their wording; every day's reprints stay linked."""
    texts, publishers = batch
    same_day = {
        (a, b)
        for day in range(DAYS)
        for a in range(day * OUTLETS, (day + 1) * OUTLETS)
        for b in range(a + 1, (day + 1) * OUTLETS)
    }
    assert links(texts, publishers) == same_day
    assert len(links(texts, publishers, drop_forms=False) - same_day) > 500


def test_outlets_need_not_be_known(batch):
    """Forms are told by their wording alone."""
    texts, publishers = batch
    assert links(texts) == links(texts, publishers)


def test_a_common_opening_is_let_pass_between_outlets():
    """Whoever opens with the same twenty words may have taken them; one outlet has only filled in again."""
    draw = random.Random(4)
    texts, publishers = reprinted(named, draw)
    opening = " ".join(word(draw) for _ in range(24))
    texts[0], texts[5] = (f"{opening}. {texts[n]}" for n in (0, 5))
    texts += crowd(draw)
    publishers += [""] * CROWD
    assert publishers[0] == publishers[5]
    assert (0, 5) not in links(texts, publishers)
    publishers[5] = "another outlet"
    assert (0, 5) in links(texts, publishers)


def test_an_item_in_two_versions_is_no_form():
    """Five outlets print an item, five the agency's second version: names corrected, sentences turned."""
    draw = random.Random(5)
    item = [word(draw) for _ in range(150)]
    second = list(item)
    for place in draw.sample(range(len(second)), 9):
        second[place] = word(draw)
    texts = [" ".join([place, *words]) for words in (item, second) for place in places(OUTLETS)]
    texts += crowd(draw)
    assert {(a, b) for a in range(5) for b in range(5, 10)} <= links(texts)


def test_what_one_desk_changes_is_no_filling():
    """Editors change a word in ten, each in their own way; however rare their words, all stays linked."""
    draw = random.Random(6)
    item = [word(draw) for _ in range(150)]
    texts = []
    for _ in range(8):
        words = list(item)
        for place in draw.sample(range(len(words)), 15):
            words[place] = word(draw)
        texts.append(" ".join(words))
    texts += crowd(draw)
    assert links(texts) == {(a, b) for a in range(8) for b in range(a + 1, 8)}


def test_an_article_continued_is_no_form(batch):
    """A filling inside a longer article is an excerpt of what was printed that day."""
    texts, publishers = batch
    draw = random.Random(7)
    article = f"{texts[7]} {' '.join(word(draw) for _ in range(120))}"
    found = links([*texts, article], [*publishers, "weekly"])
    assert {a for a, b in found if b == len(texts)} >= set(range(5, 10))


def test_two_texts_alone_show_no_form(batch):
    """Rarity needs company: compared on its own, a pair is judged by what it shares."""
    texts, _ = batch
    pair = [texts[0], texts[5]]
    columns = columns_of(pair)
    sketches = sketch_columns(columns, Profile().sketch)
    rows = np.array([[0, 1]], dtype=np.uint32)
    spec = Profile().verify
    alone = match_pairs(rows, sketches, columns, spec)
    assert alone == match_pairs(rows, sketches, columns, attrs.evolve(spec, drop_forms=False))
