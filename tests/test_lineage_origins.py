"""A lost credit comes back through the copies that kept it; what is unsure says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.config import LineageSpec
from provenance.lineage.credits import Credits
from provenance.lineage.origins import (
    Support,
    credited_copies,
    join_origins,
    rank_origins,
    same_bodies,
)
from provenance.model import ArticleId, Basis, Direction, Link, Mention, Origin, Overlap

SPEC = LineageSpec()


def says(agency: str, weight: float = 4.0) -> dict[str, Mention]:
    return {
        agency: Mention(
            id=ArticleId("x"),
            agency=agency,
            role="syndicated_copy",
            zone="byline",
            span=(0, len(agency)),
            text=agency,
            rule="test",
            weight=weight,
        )
    }


def pair(a: str, b: str, inside_a: float, inside_b: float, jaccard: float = 0.5) -> Link:
    return Link(
        a=ArticleId(a),
        b=ArticleId(b),
        kind="repost",
        related=0.99,
        direction=Direction(a_to_b=0.25, b_to_a=0.25, common_source=0.5),
        overlap=Overlap(jaccard=jaccard, containment_a=inside_a, containment_b=inside_b),
    )


def spread(links: list[Link], named: dict[str, Credits]) -> dict[str, tuple[Support, ...]]:
    inside = {(x.a, x.b): x.overlap.containment_a for x in links}
    inside |= {(x.b, x.a): x.overlap.containment_b for x in links}
    held = {ArticleId(name): said for name, said in named.items()}
    return dict(credited_copies(links, held, lambda a, b: inside[a, b], SPEC).items())


@pytest.mark.parametrize(
    ("own", "reverse", "found"),
    [
        (0.5, 0.0, True),  # half of it stands in the copy
        (0.49, 0.59, False),
        (0.2, 0.6, True),  # it holds most of the copy
        (0.19, 1.0, False),  # but the copy is a small part of it
    ],
)
def test_how_much_must_be_shared(own: float, reverse: float, found: bool) -> None:
    """A credit holds for a text that is mostly in the copy, or holds most of the copy."""
    links = [pair("bare", "kept", own, reverse)]
    assert (
        "bare" in spread(links, {"bare": Credits(), "kept": Credits(whole=says("dpa"))})
    ) == found


def test_more_copies_make_it_surer() -> None:
    """Every further credited copy adds, up to the agreement of printed credits themselves."""
    found = []
    for count in (1, 2, 5, 50):
        names = [f"k{number}" for number in range(count)]
        links = [pair("bare", name, 0.6, 0.6) for name in names]
        named = {"bare": Credits(), **{name: Credits(whole=says("dpa")) for name in names}}
        found.append(spread(links, named)["bare"][0].probability)
    assert found == sorted(found)
    assert 0.9 < found[0] < found[-1] <= 0.99


def test_round_up_counts_less() -> None:
    """A copy that credits two agencies supports each half as much, and another one decides."""
    both = Credits(whole=says("afp") | says("dpa"))
    links = [pair("bare", "both", 0.9, 0.9), pair("bare", "one", 0.6, 0.6)]
    named = {"bare": Credits(), "both": both, "one": Credits(whole=says("dpa"))}
    ranked = spread(links, named)["bare"]
    assert [support.agency for support in ranked] == ["dpa", "afp"]
    assert ranked[0].strength > 1.5 * ranked[1].strength


def test_rival_makes_it_contested() -> None:
    """Two agencies with like support are both named, neither surely."""
    links = [pair("bare", "one", 0.9, 0.9), pair("bare", "two", 0.8, 0.8)]
    named = {
        "bare": Credits(),
        "one": Credits(whole=says("afp")),
        "two": Credits(whole=says("dpa")),
    }
    ranked = spread(links, named)["bare"]
    assert ranked[0].contested
    assert ranked[0].probability < 0.8
    assert sum(support.probability for support in ranked) == pytest.approx(1.0)


def test_agencys_own_item_speaks_too() -> None:
    """A copy of the agency's published item has its origin, without any credit line."""
    links = [pair("bare", "item", 0.9, 0.9)]
    ranked = spread(links, {"bare": Credits(), "item": Credits(issuer="spa")})["bare"]
    assert (ranked[0].agency, ranked[0].copy, ranked[0].witness) == ("spa", "item", None)


def test_own_credit_is_not_overruled() -> None:
    """A printed credit stays first; what copies say only shows as a conflict."""
    support = Support(
        agency="dpa", probability=0.98, strength=3.0, copy=ArticleId("k"), witness=None
    )
    ranked = rank_origins(Credits(whole=says("afp")), [support])
    assert [(o.agency, o.basis) for o in ranked] == [
        ("afp", "own credit"),
        ("dpa", "credited copy"),
    ]
    assert ranked[1].probability < 0.02


def test_part_confirmed_by_a_copy() -> None:
    """A named part that a whole copy confirms is the text's own credit, as sure as the copy."""
    support = Support(
        agency="dpa", probability=0.98, strength=3.0, copy=ArticleId("k"), witness=None
    )
    ranked = rank_origins(Credits(part=says("dpa", 1.0)), [support])
    assert ranked == (Origin(agency="dpa", probability=0.98, basis="own credit"),)


def test_same_bodies_are_joined_through_others() -> None:
    """Identical bodies form one class even where only some of them are linked."""
    links = [pair("a", "b", 1.0, 1.0, 1.0), pair("b", "c", 1.0, 1.0, 1.0), pair("c", "d", 0.9, 0.9)]
    joined = same_bodies([ArticleId(name) for name in "abcd"], links)
    assert joined == {"a": "a", "b": "a", "c": "a", "d": "d"}


BASES: st.SearchStrategy[Basis] = st.sampled_from(["own credit", "credited copy", "told"])
ORIGINS = st.lists(
    st.builds(
        lambda agency, probability, basis: Origin(
            agency=agency, probability=probability, basis=basis
        ),
        st.sampled_from([None, "afp", "dpa", "spa"]),
        st.floats(0, 1),
        BASES,
    )
)


@given(ORIGINS)
def test_joining_again_changes_nothing(origins: list[Origin]) -> None:
    """One entry an agency, likeliest first; joining is done once and for all."""
    joined = join_origins(origins)
    assert joined
    agencies = [origin.agency for origin in joined]
    assert len(set(agencies)) == len(agencies)
    assert [o.probability for o in joined] == sorted((o.probability for o in joined), reverse=True)
    assert join_origins(o for o in joined if o.basis != "none") == joined
