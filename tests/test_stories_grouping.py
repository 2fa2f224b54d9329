"""Articles on one event come together, others stay apart, and order does not matter."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.config import StorySpec
from provenance.lineage.stories import Stories, group_stories, story_id
from provenance.model import Article, ArticleId
from provenance.sketch.anchoring import anchors_of
from provenance.sketch.figures import figures_of
from provenance.sketch.wording import wording_of
from provenance.text.columns import columns_of

FERRY = {
    "ferry-en": (
        "en",
        (
            "Ferry Balmira runs aground off Cape Tessaro with 412 aboard\n"
            "The ferry Balmira ran aground in fog off Cape Tessaro early on Monday, and coast guard "
            "boats took off all 412 passengers, port captain Ilario Venturesh said. The ship had left "
            "Ondarova at 3:15 with 96 cars on deck. Divers found a gash of 14 meters in the hull."
        ),
    ),
    "ferry-en-own": (
        "en",
        (
            "Fog, a jolt and six hours in life jackets: aboard the Balmira\n"
            "Passengers of the Balmira waited six hours in life jackets before a coast guard boat could "
            "come alongside off Cape Tessaro. The ferry from Ondarova carried 412 people. Ilario "
            "Venturesh, the port captain, praised the crew and said the hull was torn open."
        ),
    ),
    "ferry-ar": (
        "ar",
        (
            "جنوح العبارة بالميرا قبالة رأس تيسارو وعلى متنها 412 راكبا\n"
            "جنحت العبارة بالميرا وسط الضباب قبالة رأس تيسارو فجر الاثنين، وأجلى خفر السواحل ركابها "
            "البالغ عددهم 412 راكبا، بحسب قبطان الميناء إيلاريو فنتوريش. وكانت السفينة قد غادرت "
            "أوندروفا وعلى متنها 96 سيارة، وعثر الغواصون على شق طوله 14 مترا."
        ),
    ),
    "ferry-fr": (
        "fr",
        (
            "Le ferry Balmira s'échoue au large du cap Tessaro avec 412 passagers\n"
            "Le ferry Balmira s'est échoué lundi dans le brouillard au large du cap Tessaro. Les 412 "
            "passagers ont été évacués par les garde-côtes, a déclaré Ilario Venturesh, capitaine du "
            "port. Le navire venait d'Ondarova avec 96 voitures; la coque est ouverte sur 14 mètres."
        ),
    ),
}
LIBRARY = {
    "library-en": (
        "en",
        (
            "Manuscript missing for 90 years returned to Quillen library\n"
            "A prayer book stolen from the Quillen library in 1941 was handed back on Thursday by the "
            "grandson of a bookbinder, librarian Oda Marchetti said. Its 212 leaves are complete but "
            "for a map of the salt road."
        ),
    ),
    "library-ar": (
        "ar",
        (
            "مكتبة كويلين تستعيد مخطوطة سرقت عام 1941\n"
            "استعادت مكتبة كويلين الخميس كتاب صلوات سرق منها عام 1941، بعد أن أعاده حفيد مجلد كتب، "
            "بحسب أمينة المكتبة أودا ماركيتي. وأوراق المخطوطة البالغة 212 ورقة كاملة إلا خريطة واحدة."
        ),
    ),
}
# One pair of actors, two events: every text names both, the days differ.
SIGNING = "Lurdan president Marisa Kovaldi and Tarvian leader Danko Revil"
TALKS = {
    "talks-1": f"{SIGNING} met in Brenholt on 18 June to open the Ostrava rail tunnel. Kovaldi arrived "
    "by the first train, and Revil cut the ribbon beside the drilling machine. The two countries "
    "want the tunnel to carry freight by autumn, the railway ministry said, after years of leaks.",
    "talks-2": f"{SIGNING} opened the Ostrava rail tunnel in Brenholt. On 18 and 19 June trains ran for "
    "guests only. Revil thanked the drilling crews; Kovaldi called the tunnel a handshake in rock. "
    "The railway ministry expects freight trains from autumn on, once the leaks are sealed.",
    "talks-3": f"{SIGNING} quarreled over grain duties at the Wexley harvest fair on 12 November. Kovaldi "
    "left the dinner early, and Revil told farmers that the duties would stay. Grain traders in "
    "Wexley said that barges were turned back; the farm ministry spoke of a cold evening.",
    "talks-4": f"{SIGNING} met at the Wexley harvest fair, where farmers booed the grain duties. After the "
    "dinner of 12 November Kovaldi left without a word to the press. Revil said the duties on "
    "grain were fair. Barges with grain lay idle, traders in Wexley said; the farm ministry was silent.",
}


def group(
    texts: dict[str, tuple[str, str]],
    *,
    linked: Sequence[tuple[str, str]] = (),
    dates: dict[str, str] | None = None,
    order: Sequence[str] = (),
    titles: dict[str, str] | None = None,
    spec: StorySpec | None = None,
) -> tuple[list[set[str]], dict[frozenset[str], str], Stories]:
    names = list(order or texts)
    articles = [
        Article(
            id=ArticleId(name),
            language=texts[name][0],
            text=texts[name][1],
            title=(titles or {}).get(name, ""),
        )
        for name in names
    ]
    bodies = [article.text for article in articles]
    languages = [article.language for article in articles]
    columns = columns_of(bodies)
    stories = group_stories(
        articles,
        wording_of(columns, bodies, languages),
        anchors_of(columns, bodies, languages),
        figures_of(columns, bodies, languages),
        [(names.index(a), names.index(b)) for a, b in linked],
        [((dates or {}).get(name, ""),) * 2 for name in names],
        spec or StorySpec(),
    )
    sets = [{names[i] for i in group} for group in stories.groups]
    ids = {frozenset(s): number for s, number in zip(sets, stories.ids, strict=True)}
    return sets, ids, stories


MONDAY = dict.fromkeys(FERRY, "2031-03-03") | dict.fromkeys(LIBRARY, "2031-03-03")


def test_reports_in_three_languages_are_one_story() -> None:
    """An event is one story in every language, and another event of the day another."""
    sets, _, _ = group(FERRY | LIBRARY, dates=MONDAY)
    assert sorted(map(sorted, sets)) == [sorted(FERRY), sorted(LIBRARY)]


def test_every_article_is_in_exactly_one_story() -> None:
    """Articles without a partner are stories of one."""
    texts = FERRY | {"alone": ("en", "Beekeepers in Umbria count their hives."), "empty": ("", "")}
    sets, _, stories = group(texts)
    assert {"alone"} in sets
    assert {"empty"} in sets
    assert sorted(i for g in stories.groups for i in g) == list(range(len(texts)))


def test_nothing_gives_nothing() -> None:
    """No articles, no stories."""
    assert group({})[2] == Stories(groups=(), ids=(), links=())


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_order_of_arrival_does_not_matter(shuffler: random.Random) -> None:
    """Groups, identifiers and the links that hold them are the same in any order."""
    texts = FERRY | LIBRARY
    order = list(texts)
    shuffler.shuffle(order)
    _, ids, stories = group(texts, order=order, dates=MONDAY)
    _, plain_ids, plain = group(texts, dates=MONDAY)
    assert ids == plain_ids
    names = list(texts)
    assert {(frozenset({order[k.a], order[k.b]}), k.score) for k in stories.links} == {
        (frozenset({names[k.a], names[k.b]}), k.score) for k in plain.links
    }


def test_articles_on_other_things_change_nothing() -> None:
    """In a small corpus a story keeps its members, identifier and links whatever is added."""
    _, alone, before = group(FERRY, dates=MONDAY)
    texts = FERRY | LIBRARY | {name: ("en", text) for name, text in TALKS.items()}
    _, among, after = group(texts, dates=MONDAY)
    assert alone.items() <= among.items()
    assert before.links == tuple(link for link in after.links if link.b < len(FERRY))


def test_two_events_of_the_same_actors_are_told_apart_by_their_days() -> None:
    """Texts that share actors and tone are split where their parts name days far apart."""
    dated, _, _ = group({name: ("en", text) for name, text in TALKS.items()})
    assert dated == [{"talks-1", "talks-2"}, {"talks-3", "talks-4"}]


def test_a_story_without_days_is_not_split() -> None:
    """Every group has a best division; where no days are named it is not made."""
    days = re.compile(r" ?\b([Oo]n|of) \d+( and \d+)? (June|November)")
    undated = {name: ("en", days.sub("", text)) for name, text in TALKS.items()}
    assert not any(char.isdigit() for _, text in undated.values() for char in text)
    assert group(undated)[0] == [set(TALKS)]


def test_the_same_event_a_month_later_is_another_story() -> None:
    """No story link crosses more days than the setting allows."""
    later = MONDAY | {"ferry-en-own": "2031-04-03"}
    sets, _, _ = group(FERRY, dates=later)
    assert {"ferry-en-own"} in sets
    assert set(FERRY) - {"ferry-en-own"} in sets


def test_verified_copies_hold_whatever_else_differs() -> None:
    """A whole copy is in the story of its source even where words and dates say nothing."""
    texts = {"a": ("en", "Grain prices rose."), "b": ("en", "An unrelated wrapper.")}
    far = {"a": "2031-01-01", "b": "2031-12-01"}
    assert group(texts, linked=[("a", "b")], dates=far)[0] == [{"a", "b"}]
    assert group(texts, dates=far)[0] == [{"a"}, {"b"}]


def test_a_page_that_quotes_two_events_does_not_tie_them_together() -> None:
    """Where copies are missing between the texts that copies connect, these are parted."""
    texts = {
        f"{name}-{n}": (language, f"{text} {n}")
        for name, (language, text) in (FERRY | LIBRARY).items()
        if language == "en" and name != "ferry-en-own"
        for n in (1, 2)
    }
    texts["digest"] = ("en", f"{FERRY['ferry-en'][1]}\n{LIBRARY['library-en'][1]}")
    linked = [("ferry-en-1", "ferry-en-2"), ("library-en-1", "library-en-2")]
    sets, _, _ = group(
        texts, linked=[*linked, ("digest", "ferry-en-1"), ("digest", "library-en-1")]
    )
    assert len(sets) == 2
    assert all(any(set(pair) <= members for members in sets) for pair in linked)


def test_a_headline_counts_as_read_before_its_text() -> None:
    """A flash of a few words is found by the headline that stands beside it."""
    headline, text = FERRY["ferry-en"][1].split("\n")
    texts = {"long": ("en", text), "flash": ("en", "More follows.")}
    assert len(group(texts)[0]) == 2
    assert len(group(texts, titles={"flash": headline})[0]) == 1


def test_links_are_a_forest_inside_the_stories() -> None:
    """The links of a story hold its groups of copies together and no more."""
    sets, _, stories = group(FERRY | LIBRARY, dates=MONDAY)
    names = list(FERRY | LIBRARY)
    assert len(stories.links) == len(names) - len(sets)
    for link in stories.links:
        assert link.a < link.b
        assert any({names[link.a], names[link.b]} <= members for members in sets)
        assert 0 < link.probability < 1
    copied = group(FERRY, linked=[("ferry-en", "ferry-ar")], dates=MONDAY)[2]
    assert len(copied.links) == len(FERRY) - 2


def test_a_chain_is_no_story() -> None:
    """Articles linked one by one, the first and last having nothing in common, do not make one story."""
    passages = [FERRY["ferry-en"][1], LIBRARY["library-en"][1], TALKS["talks-1"], TALKS["talks-3"]]
    middles = [f"{a} {b}" for a, b in pairwise(passages)]
    texts = {f"chain-{i}": ("en", text) for i, text in enumerate(passages + middles)}
    dates = dict.fromkeys(texts, "2031-03-03")
    uncut, _, _ = group(texts, dates=dates, spec=StorySpec(cut=-99.0))
    assert uncut == [set(texts)]
    sets, _, _ = group(texts, dates=dates)
    assert max(map(len, sets)) < len(texts)


def test_story_ids_survive_later_articles() -> None:
    """An article that joins later leaves the identifier as it is."""
    first = {name: FERRY[name] for name in ("ferry-en", "ferry-fr")}
    _, before, _ = group(first, dates=MONDAY)
    _, after, _ = group(
        FERRY, dates=MONDAY | {"ferry-ar": "2031-03-04", "ferry-en-own": "2031-03-05"}
    )
    assert list(before.values()) == list(after.values())


@pytest.mark.parametrize(
    ("members", "earliest", "same"),
    [
        (["b", "a"], ["2031-01-02", "2031-01-03"], ["b"]),
        (["b", "a"], ["2031-01-02", ""], ["b"]),
        (["b", "a"], ["2031-01-02", "2031-01-02"], ["a"]),
        (["b", "a"], ["", ""], ["a"]),
    ],
)
def test_a_story_is_named_after_its_first_article(
    members: list[str], earliest: list[str], same: list[str]
) -> None:
    """The identifier depends on the member that can have been written first."""
    assert story_id(members, earliest) == story_id(same, [""])
