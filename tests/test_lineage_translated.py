"""Words that a translator left in the script of the original."""

from __future__ import annotations

import pytest

from provenance.lineage.direction import judge_direction
from provenance.lineage.translated import leftovers
from provenance.model import Article, ArticleId, Direction, Link, Overlap

ENGLISH = "The regulator Ofwat fined the company, the Evening Echo said. Officials in the U.S. declined to comment."


@pytest.mark.parametrize(
    ("original", "translation", "found"),
    [
        (ENGLISH, "فرضت هيئة المياه (Ofwat) غرامة على الشركة.", ["Ofwat"]),
        (ENGLISH, "رفض مسؤولون في [U.S.] التعليق على الغرامة.", ["U.S."]),
        (ENGLISH, "报道援引《回声晚报》（伦敦）的话说 (Evening Echo)。", ["Evening Echo"]),
        (ENGLISH, "رفض مسؤولون التعليق (Reuters) على الغرامة.", []),  # not in the original
        (ENGLISH, "رفض مسؤولون في Ofwat التعليق على الغرامة.", []),  # a name in running text
        (ENGLISH, "Le régulateur (Ofwat) a infligé une amende.", []),  # of one script
        ("فرضت الهيئة غرامة (الغد) على الشركة", "The authority (Al-Ghad) fined it", []),
        ("", "", []),
    ],
)
def test_leftovers(original: str, translation: str, found: list[str]) -> None:
    """They stand in brackets, in another script than the text, and in the original as they are."""
    assert [translation[start:end] for start, end in leftovers(original, translation)] == found


def test_a_leftover_speaks_against_the_reverse() -> None:
    """A text with words of the original left standing is hardly the original itself."""
    english = Article(id=ArticleId("1"), text=ENGLISH)
    arabic = Article(id=ArticleId("2"), text="فرضت هيئة المياه (Ofwat) غرامة على الشركة.")
    link = Link(
        a=english.id,
        b=arabic.id,
        kind="translation",
        related=0.99,
        direction=Direction(a_to_b=0.0, b_to_a=0.0, common_source=0.0),
        overlap=Overlap(jaccard=0.0, containment_a=0.0, containment_b=0.0),
    )
    judged = judge_direction(link, english, arabic)
    assert judged.direction.b_to_a < 0.05 < judged.direction.a_to_b
    (said,) = [e for e in judged.evidence if e.type == "leftover" and e.toward == "a_to_b"]
    assert said.doc == arabic.id
    assert said.text == "Ofwat"
