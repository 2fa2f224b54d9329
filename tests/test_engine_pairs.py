"""Two texts, or one pass that keeps one of each: the smaller doors of the engine."""

import random

import pytest

from provenance.engine.comparing import compare
from provenance.engine.crediting import attribute
from provenance.engine.deduping import dedupe, find_groups
from provenance.engine.linking import agencies_among
from provenance.errors import DuplicateId
from provenance.model import Article

WORDS = [
    f"{a}{b}" for a in ("kal", "tor", "mib", "sen", "vup") for b in ("ado", "ine", "ush", "erk")
]


def prose(seed, length=120):
    """Words without meaning, the same for the same seed."""
    draw = random.Random(seed)
    return " ".join(f"{draw.choice(WORDS)}{draw.randrange(40)}" for _ in range(length))


def test_a_whole_copy_is_a_repost():
    """A text and its copy under another head are linked, whole."""
    link = compare(prose(1), "City desk: " + prose(1))
    assert link is not None
    assert link.kind == "repost"
    assert (link.a, link.b) == ("a", "b")


def test_a_part_is_an_excerpt_and_its_place_is_shown():
    """The common passage is named in both texts."""
    whole = prose(2, 200)
    part = " ".join(whole.split()[60:110])
    link = compare(whole, f"{part} {prose(3, 60)}")
    assert link is not None
    assert link.kind == "excerpt"
    assert whole[slice(*link.spans[0].a)] == part


def test_strangers_are_not_linked():
    """Two texts without common passages give no link."""
    one, other = (
        Article(id=name, text=prose(seed), language="en")
        for name, seed in (("one", 4), ("other", 5))
    )
    assert compare(one, other) is None


def test_comparing_does_not_depend_on_who_comes_first():
    """The link of (a, b) is the link of (b, a)."""
    a, b = Article(id="a", text=prose(6)), Article(id="b", text=prose(6, 80))
    assert compare(a, b) == compare(b, a)


def test_two_articles_of_one_name_cannot_be_compared():
    """The error names the identifier."""
    with pytest.raises(DuplicateId, match="'x'"):
        compare(Article(id="x", text="one"), Article(id="x", text="two"))


def test_a_bare_text_can_be_attributed():
    """No corpus and no article are needed to read a credit."""
    (mention,) = attribute("LONDON (Reuters) - Prices fell on Monday.")
    assert (mention.agency, mention.role) == ("reuters", "syndicated_copy")


def articles(*texts, **fields):
    """Articles numbered in order; `fields` hold one value for each."""
    return [
        Article(id=str(n), text=text, **{name: values[n] for name, values in fields.items()})
        for n, text in enumerate(texts)
    ]


def test_dedupe_keeps_the_first_of_each_group_in_order():
    """Copies go, the order stays."""
    corpus = articles(prose(1), prose(2), prose(1), prose(3), prose(2) + " end")
    assert [a.id for a in dedupe(corpus)] == ["0", "1", "3"]


@pytest.mark.parametrize(("keep", "kept"), [("first", "0"), ("earliest", "1"), ("longest", "2")])
def test_dedupe_keeps_by_the_rule_asked_for(keep, kept):
    """First, earliest or longest of one group."""
    text = prose(9)
    corpus = articles(
        text,
        text,
        text + " and more",
        published=("2026-02-02T10:00:00Z", "2026-02-01T10:00:00Z", ""),
    )
    assert [a.id for a in dedupe(corpus, keep=keep)] == [kept]


def test_an_undated_copy_is_not_the_earliest():
    """No date is not an early date."""
    text = prose(10)
    corpus = articles(text, text, published=("", "2026-02-01"))
    assert [a.id for a in dedupe(corpus, keep="earliest")] == ["1"]


@pytest.mark.parametrize(
    ("texts", "groups"),
    [
        (["زلزال", "زلزال", "حريق"], [0, 0, 2]),
        (["زلزالٌ شديد", "زلزال شديد"], [0, 0]),
        (["urgent: quake hits", "urgent: quake kills", "urgent: quake"], [0, 1, 2]),
        (["", "", " ", "!!!"], [0, 1, 2, 3]),
        (["one two three four", "one two three four five"], [0, 1]),
    ],
)
def test_flashes_are_grouped_only_when_their_words_are_equal(texts, groups):
    """Nothing of four words or fewer is merged by accident, and nothing is lost."""
    assert find_groups(texts) == groups


@pytest.mark.parametrize(
    ("outlet", "agency"),
    [
        ("رويترز", "reuters"),
        ("وكالة رويترز", "reuters"),
        ("وكالة الأنباء الألمانية", "dpa"),
        ("Agence France-Presse", "afp"),
        ("agence AFP", "afp"),
        ("وكالة", None),
        ("وكالة الطاقة الذرية", None),
        ("Harbor Ledger", None),
    ],
)
def test_outlets_that_are_agencies_are_known(outlet, agency):
    """An agency is known by its name, with the word for agency before it or without."""
    assert agencies_among([outlet]).get(outlet) == agency
