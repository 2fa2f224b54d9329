"""Laws and cases of scoring by wording; the texts are made up."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.config import WordingSpec
from provenance.sketch.wording import Wording, wording_of
from provenance.text.columns import columns_of
from provenance.verify.wording import Tier, WordingScores, score_pairs

SOURCE = """
The harbor authority of Lindholm said on Tuesday that the ferry Aurora had struck a submerged crane near the
eastern breakwater shortly before dawn. All 214 passengers were taken ashore by three tugboats and a pilot
vessel. Captain Ingrid Solheim told investigators that the marker light on the crane had been dark for two
nights. The operator, Nordvik Lines, cancelled 12 departures and promised refunds within a week. Divers will
examine the hull before the ship is towed to the dry dock at Karlsby, where repairs are expected to cost 4
million crowns. The transport minister called the accident avoidable and ordered an inspection of every
marker light along the coast. Unions complained that dredging work had been rushed to meet a deadline set by
the council, and asked for the contract with the dredging firm Havbunn to be published.
"""

RETOLD = """
A submerged crane close to the eastern breakwater was hit by the ferry Aurora just before dawn, Lindholm's
harbor authority announced Tuesday. Three tugboats and one pilot vessel brought each of the 214 passengers
ashore. According to captain Ingrid Solheim, who spoke to the investigators, the crane's marker light was dark
two nights long. Nordvik Lines, which operates the ferry, has cancelled 12 departures; refunds are promised
within one week. The hull will be examined by divers, then the ship goes under tow to Karlsby and its dry
dock. Repairs may cost 4 million crowns. An avoidable accident, the transport minister called it, ordering
that every marker light on the coast be inspected. Complaints came from unions: dredging was rushed because
of a deadline by the council. They ask that the contract with Havbunn, the dredging firm, be published.
"""

OTHER = """
Voters in the mountain district of Oberau rejected a plan for a second cable car on Sunday by a margin of 61
to 39 percent. Supporters had argued that queues at the old station drive visitors to neighboring valleys,
while farmers feared for their pastures above the tree line. Mayor Lukas Brandner said that the result must
be respected and that the money set aside would go to the school and the clinic. Hotels on the lower road
announced an appeal against the way in which leaflets were distributed. A study by the university had
counted 900 vehicles an hour on winter weekends. The council meets again in March to discuss a bus lane and
higher parking fees, both of which failed three years ago for want of a majority.
"""


def scored(texts: list[str], spec: WordingSpec | None = None) -> WordingScores:
    """Score the first two of the texts."""
    wording = words_of(texts)
    return score_pairs(np.array([[0, 1]], np.uint32), wording, texts, spec)


def words_of(texts: list[str], language: str = "en") -> Wording:
    return wording_of(columns_of(texts), texts, [language] * len(texts))


def shuffled(text: str) -> str:
    """Return the sentences of a text in the opposite order."""
    return " ".join(reversed(text.replace("\n", " ").split(". ")))


def test_wording_tells_a_retold_article() -> None:
    """An article told again sentence by sentence is a rewrite, though no five words stand in a row."""
    scores = scored([SOURCE, RETOLD, OTHER])
    assert scores.tiers[0] == Tier.REWRITE
    assert max(scores.verbatim_a[0], scores.verbatim_b[0]) < 0.2
    assert scores.probability[0] > 0.9
    assert scores.numbers[0] == 3
    assert not scores.contradicts[0]


def test_wording_ignores_another_article() -> None:
    """Two articles on different matters are nothing to each other."""
    scores = scored([SOURCE, OTHER])
    assert scores.tiers[0] == Tier.NONE
    assert scores.probability[0] == 0


def test_wording_asks_for_order() -> None:
    """The same sentences in the opposite order share as much, and hardly any of it in place."""
    kept, turned = scored([SOURCE, RETOLD]), scored([SOURCE, shuffled(RETOLD)])
    assert turned.jaccard[0] == pytest.approx(kept.jaccard[0], abs=0.02)
    assert turned.placed[0] < kept.placed[0] / 2


def test_wording_discounts_what_many_texts_hold() -> None:
    """Details that a dozen texts repeat, each with other news, no longer support a pair."""
    batch = [SOURCE, RETOLD, OTHER]
    form = [f"{SOURCE} Number {n} of {n * 7} reports, filed by desk {n * 3}." for n in range(2, 14)]
    echoes = [" ".join(random.Random(n).sample(form[n].split(), 100)) for n in range(len(form))]
    alone, among = scored(batch), scored(batch + [a + b for a, b in zip(form, echoes, strict=True)])
    assert among.rarity[0] < alone.rarity[0] / 2
    assert among.probability[0] < alone.probability[0]


def test_wording_abstains_on_headlines() -> None:
    """Two headlines are not judged, be they the same or the opposite."""
    scores = scored(["Council approves new harbor budget", "Council rejects new harbor budget"])
    assert scores.tiers[0] == Tier.NONE


CONTRADICTIONS = [
    (
        "denied",
        "Harbor council of Lindholm did approve ferry",
        "Harbor council not approve ferry",
        1,
    ),
    (
        "other figures",
        "Storm kills 14 fishermen off Lindholm",
        "Storm kills 3 fishermen off Lindholm",
        1,
    ),
    (
        "same figures",
        "Storm kills 14 fishermen off Lindholm",
        "Lindholm: 14 fishermen die in storm",
        0,
    ),
    ("both denied", "Lindholm will not sell ferry", "Ferry: not for sale, says Lindholm", 0),
]


@pytest.mark.parametrize(
    ("one", "other", "flagged"),
    [row[1:] for row in CONTRADICTIONS],
    ids=[r[0] for r in CONTRADICTIONS],
)
def test_wording_flags_contradictions(one: str, other: str, flagged: int) -> None:
    """A shared detail that one text denies, or figures that differ, are flagged; agreement is not."""
    scores = scored([one, other], WordingSpec(alike=0.2))
    assert scores.contradicts[0] == flagged


def test_wording_never_calls_a_contradiction_a_rewrite() -> None:
    """An article told again with other figures throughout is possible at most."""
    changed = RETOLD.replace("214", "97").replace(" 12 ", " 31 ").replace(" 4 ", " 6 ")
    scores = scored([SOURCE, changed, OTHER])
    assert scores.contradicts[0]
    assert scores.tiers[0] == Tier.POSSIBLE


def test_wording_of_no_pairs() -> None:
    """No pairs have scores of length zero, and texts without words share nothing."""
    texts = [SOURCE, "", "..."]
    nothing = score_pairs(np.empty((0, 2), np.uint32), words_of(texts), texts)
    assert nothing.tiers.size == 0
    empty = score_pairs(np.array([[0, 1], [1, 2]], np.uint32), words_of(texts), texts)
    assert empty.jaccard.tolist() == [0, 0]
    assert empty.tiers.tolist() == [Tier.NONE, Tier.NONE]


words = st.lists(st.sampled_from(SOURCE.split() + OTHER.split()), max_size=60).map(" ".join)


@given(st.lists(words, min_size=2, max_size=5), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_wording_is_symmetric_and_independent_of_order(
    texts: list[str], chance: random.Random
) -> None:
    """A pair's scores do not depend on which text is first, nor on the other pairs or their order."""
    wording = words_of(texts)
    pairs = [(a, b) for a in range(len(texts)) for b in range(a + 1, len(texts))]
    straight = score_pairs(np.array(pairs, np.uint32), wording, texts)
    chance.shuffle(pairs)
    turned = score_pairs(np.array([(b, a) for a, b in pairs], np.uint32), wording, texts)
    places = np.array([sorted(pairs).index(pair) for pair in pairs])
    for name in ("shared", "tiers"):
        assert (getattr(straight, name)[places] == getattr(turned, name)).all()
    for name in ("jaccard", "containment", "ordered", "placed", "support", "lead", "probability"):
        assert getattr(straight, name)[places] == pytest.approx(getattr(turned, name), abs=1e-6)
    assert straight.verbatim_a[places] == pytest.approx(turned.verbatim_b)


@given(words)
@settings(deadline=None)
def test_wording_of_a_text_with_itself(text: str) -> None:
    """A text shares everything with itself, all in place."""
    scores = scored([text, text])
    if text:
        assert scores.jaccard[0] == pytest.approx(1)
        assert scores.ordered[0] == pytest.approx(1)
        assert scores.placed[0] == pytest.approx(1)
    shares = [scores.jaccard, scores.containment, scores.ordered, scores.placed, scores.support]
    assert all(-1e-9 <= share[0] <= 1 + 1e-6 for share in shares)
