"""From candidates to matches: short texts, formulae, kinds, and what does not matter."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from provenance.config import IndexSpec, SketchSpec
from provenance.disjoint import smallest_members
from provenance.index.candidates import candidate_pairs
from provenance.sketch.signatures import sketch_columns
from provenance.text.columns import columns_of
from provenance.verify.matching import match_pairs

WIRE = (
    "The harbor of Port Elinor closed to all ships on Monday after a crane fell into the basin and "
    "blocked the only channel, the port captain said. Divers found no one under the wreck. Two "
    "freighters with grain wait outside the mole, and a third turned back to Sandgate. The captain "
    "expects a floating crane from Westmark on Thursday; until it has lifted the boom, fishing boats "
    "may leave at high water only. Merchants fear that fruit from the south will rot in the holds."
)
OTHER = (
    "Engineers in the hill town of Aldermoor switched on a plant that draws heat from an old tin "
    "mine. Water stands eighty meters deep in the shafts and never cools below eighteen degrees. "
    "Four hundred homes and the school will be warmed by it before winter, and the mayor hopes that "
    "the pumps pay for themselves within nine years, sooner if gas grows dearer still."
)


def matched(texts, *, pairs=None, **known):
    """Matches of all texts, of all pairs unless the index or `pairs` choose."""
    columns = columns_of(texts)
    sketches = sketch_columns(columns, SketchSpec())
    if pairs is None:
        pairs = list(combinations(range(len(texts)), 2))
    rows = np.array(pairs, dtype=np.uint32).reshape(-1, 2)
    return match_pairs(rows, sketches, columns, texts=texts, **known)


def kinds(texts, **known):
    return {(match.a, match.b): match.kind for match in matched(texts, **known)}


def through_index(texts):
    """Pairs that the index proposes and verification confirms."""
    columns = columns_of(texts)
    sketches = sketch_columns(columns, SketchSpec())
    pairs = candidate_pairs(sketches, IndexSpec())
    return {(m.a, m.b) for m in match_pairs(pairs, sketches, columns, texts=texts)}


def test_a_copy_with_other_words_around_it_matches():
    """A whole copy under a new first sentence is found with its place in both texts."""
    copy = f"SANDGATE, our correspondent: {WIRE} Read more on page two."
    (match,) = matched([WIRE, copy, OTHER])
    assert (match.a, match.b, match.kind) == (0, 1, "repost")
    assert match.related > 0.99
    (span,) = match.spans
    assert WIRE[slice(*span.a)] == copy[slice(*span.b)] == WIRE.rstrip(".")
    assert match.overlap.containment_a == 1
    assert match.shared == len(WIRE.split()) - 2


def test_part_of_an_article_is_an_excerpt():
    """Two sentences inside an article of one's own."""
    sentences = WIRE.split(". ")
    text = f"{OTHER} {'. '.join(sentences[2:4])}. {OTHER[:80]}"
    assert kinds([WIRE, text]) == {(0, 1): "excerpt"}


@pytest.mark.parametrize(
    ("texts", "linked"),
    [
        (["عاجل", "عاجل"], True),
        (["عاجـــل: هِزَّة في المدينة", "عاجل هزه في المدينه"], True),
        (["Breaking: quake in Elinor", "breaking quake in elinor!"], True),
        (["Breaking: quake in Elinor", "Breaking: quake in Aldermoor"], False),
        (["quake in Elinor today", "today quake in Elinor"], False),
        (["one two three", "one two three four"], False),
        (["one two", "one two " + OTHER], False),
        (["word", "other"], False),
    ],
)
def test_texts_below_five_words_match_whole_or_not_at_all(texts, linked):
    """The same words after folding, in the same order, and only these."""
    assert bool(matched(texts)) == linked
    assert bool(through_index(texts)) == linked
    for match in matched(texts):
        assert match.kind == "repost"
        assert match.overlap.jaccard == 1


def test_no_short_text_is_merged_with_a_neighbor():
    """Five hundred different texts of one to four words give no match at all."""
    rng = random.Random(0)
    texts = {" ".join(rng.choices(["rain", "snow", "fog", "sun", "hail"], k=rng.randint(1, 4)))}
    while len(texts) < 500:
        texts.add(" ".join(rng.choices("abcdefghij", k=rng.randint(1, 4))))
    assert through_index(sorted(texts)) == set()


def test_texts_without_words_match_only_if_they_are_the_same():
    """Signs are compared as they stand; blank texts say nothing and match nothing."""
    texts = ["!!!", "!!!", "...", "", "", "  ", "  ", "***"]
    assert kinds(texts, pairs=[]) == {(0, 1): "repost"}
    columns = columns_of(texts)
    sketches = sketch_columns(columns, SketchSpec())
    assert match_pairs(np.empty((0, 2), dtype=np.uint32), sketches, columns) == []


def test_many_texts_without_words_make_few_matches():
    """A hundred equal signs are tied to the first few, not all to all."""
    assert len(matched(["***"] * 100, pairs=[])) == 3 + 3 * 97


def notice(name, place, hour, rest):
    """A form as offices print it; only the slots differ."""
    return (
        f"His Excellency the Governor of the Northern Province received this morning in his office "
        f"{name} of {place}. At the outset of the meeting the Governor welcomed the guest and wished "
        f"him a pleasant stay in the province. They discussed matters of common interest and ways "
        f"of strengthening relations in all fields. The meeting, held at {hour}, was attended by "
        f"the Deputy Governor and the Director General of the Northern Province. {rest}"
    )


def filled_in(count):
    rng = random.Random(5)

    def word():
        return "".join(rng.choices("abcdefghijklmnoprstuvwyz", k=7))

    return [
        notice(
            f"Mr {word()} {word()}",
            word(),
            f"{rng.randint(8, 13)} {word()}",
            " ".join(word() for _ in range(12)),
        )
        for _ in range(count)
    ]


def test_a_form_is_no_copy_where_many_follow_it():
    """Forty notices of one office share two thirds of their words, and none is linked; a reprint is."""
    texts = filled_in(40)
    texts.append("From our desk. " + texts[7].replace("this morning", "yesterday"))
    assert through_index(texts) == {(7, 40)}


def test_success_does_not_make_an_item_a_formula():
    """An item that sixty outlets print is still evidence for the sixty-first that cuts it."""
    sentences = WIRE.split(". ")
    texts = [f"Outlet number {n} reports. {WIRE}" for n in range(60)]
    texts.append(". ".join(sentences[:3]) + ".")
    links = through_index(texts)
    assert any(b == 60 for _, b in links)


@pytest.mark.parametrize("edits", [8, 15])
def test_an_item_that_everybody_edits_stays_one_item(edits):
    """A hundred copies, each with other words changed, hang together though all are common."""
    draw = random.Random(edits)
    item = [f"word{draw.randrange(3000)}" for _ in range(160)]
    texts = []
    for _ in range(100):
        words = list(item)
        for place in draw.sample(range(len(words)), edits):
            words[place] = f"edit{draw.randrange(10**6)}"
        texts.append(" ".join(words))
    links = np.array(sorted(through_index(texts)), dtype=np.uint32)
    assert set(smallest_members(links, len(texts)).tolist()) == {0}


@pytest.mark.parametrize(
    ("publishers", "published", "kind"),
    [
        (["Herald", "Herald"], ["2024-05-01", "2024-05-02"], "update"),
        (["Herald", "Herald"], ["2024-05-01", "2024-05-01T10:00"], "repost"),
        (["Herald", "Herald"], ["2024-05-01", ""], "repost"),
        (["Herald", "Post"], ["2024-05-01", "2024-05-02"], "repost"),
        (["", ""], ["2024-05-01", "2024-05-02"], "repost"),
    ],
)
def test_a_later_version_of_the_same_outlet_is_an_update(publishers, published, kind):
    """Same outlet, different known times, changed text; an unknown outlet is not the same outlet."""
    later = WIRE.replace("Two freighters", "Three freighters") + " A fourth ship arrived at night."
    assert kinds([WIRE, later], publishers=publishers, published=published) == {(0, 1): kind}


def test_an_unchanged_text_of_the_same_outlet_is_a_repost():
    """Printed twice without a change is no new version."""
    known = {"publishers": ["Herald"] * 2, "published": ["2024-05-01", "2024-05-02"]}
    assert kinds([WIRE, WIRE], **known) == {(0, 1): "repost"}


def test_the_order_of_the_texts_does_not_matter():
    """Shuffled texts give the same links, ends exchanged where the numbers are."""
    texts = [WIRE, OTHER, f"Note: {WIRE}", WIRE[:200], *filled_in(12)]
    order = list(range(len(texts)))
    random.Random(1).shuffle(order)
    back = {
        tuple(sorted((order[m.a], order[m.b]))): (m.kind, m.related, m.shared)
        for m in matched([texts[old] for old in order])
    }
    assert back == {(m.a, m.b): (m.kind, m.related, m.shared) for m in matched(texts)}


def test_matches_are_sorted():
    """By both numbers, short texts and signs among the others."""
    texts = ["fog", WIRE, "!!", "fog", WIRE, "!!", "fog"]
    rows = [(match.a, match.b) for match in matched(texts)]
    assert rows == [(0, 3), (0, 6), (1, 4), (2, 5), (3, 6)]
