"""From mentions to possible origins."""

from __future__ import annotations

import pytest

from provenance.attribution.reading import read_mentions
from provenance.attribution.sources import read_sources
from provenance.model import Article, ArticleId, Origin

STORY = (
    "The mayor opened the new bridge on Monday after three years of work, and thousands of people "
    "crossed it on foot before the first cars were let through."
)


def origins(text: str, byline: str = "") -> tuple[Origin, ...]:
    return read_sources(read_mentions(Article(id=ArticleId("a"), text=text, byline=byline)))


def test_a_byline_is_near_certain_and_a_quote_is_not() -> None:
    """What stands for the whole text weighs more than what one statement says."""
    (credited,) = origins(STORY, byline="AFP")
    (told,) = origins(f"{STORY} A witness told AFP the road was closed.")
    assert (credited.agency, credited.basis) == ("afp", "own credit")
    assert (told.agency, told.basis) == ("afp", "told")
    assert 0.5 < told.probability < 0.9 < credited.probability < 1


@pytest.mark.parametrize(
    "text",
    [
        f"{STORY} Reuters reported on Monday that the road was closed.",
        f"{STORY}\n(Photo by Ann Painter / AFP)",
        STORY,
    ],
)
def test_citing_an_agency_or_printing_its_picture_makes_it_no_origin(text: str) -> None:
    """Neither a report that is retold nor a picture says whose the text is."""
    assert origins(text) == ()


def test_unnamed_agencies_are_an_origin_without_a_name() -> None:
    """ "Agencies" says that the text is not the outlet's own, and no more."""
    (origin,) = origins(STORY, byline="Staff and agencies")
    assert origin.agency is None
    assert origin.probability > 0.5


def test_sources_of_one_credit_stand_side_by_side() -> None:
    """Several agencies in one credit are several possibilities, none of them certain."""
    found = origins(f"{STORY} (Reuters, AFP)")
    assert {origin.agency for origin in found} == {"reuters", "afp"}
    assert all(origin.probability < 0.9 for origin in found)


def test_a_desks_own_follow_up_is_no_origin() -> None:
    """The singular of "follow-ups" marks the outlet's own desk."""
    assert origins("", byline="المنبر - متابعة:") == ()
    (others,) = origins("", byline="المنبر - متابعات:")
    assert others.agency is None


def test_the_same_role_twice_counts_once() -> None:
    """A name in the byline and again in the dateline is one statement."""
    once = origins(STORY, byline="AFP")
    twice = origins(f"PARIS, May 3 (AFP) - {STORY}", byline="AFP")
    assert once == twice
