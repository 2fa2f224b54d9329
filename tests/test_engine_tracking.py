"""A tracker says of each article what was there before it, and forgets nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provenance import Article, Tracker, trace
from provenance.codec import link_to_record
from provenance.config import Profile, SketchSpec, VerifySpec
from provenance.engine.tracking import manifest_of
from provenance.errors import FormatMismatch, InputError, SettingError
from provenance.stores.memory import MemoryStore

VERBATIM = {"repost", "excerpt", "update"}


def words(first: int, count: int) -> str:
    """Different words, the same for the same numbers."""
    return " ".join(f"w{number}" for number in range(first, first + count))


def article(name: str, text: str, **fields: str) -> Article:
    return Article(id=name, text=text, **fields)


def tracker(**options) -> Tracker:
    profile = options.pop("profile", Profile())
    attribute = options.pop("attribute", True)
    store = MemoryStore(manifest_of(profile, attribute=attribute))
    return Tracker(store, profile=profile, attribute=attribute, **options)


FIRST = article("first", words(0, 200), publisher="one", published="2024-05-01")
COPY = article("copy", words(0, 200), publisher="two", published="2024-05-02")
EDITED = article("edited", words(0, 190) + " " + words(900, 12), publisher="three")
PART = article("part", words(60, 60), publisher="four")
OTHER = article("other", words(5000, 200))


def test_it_says_what_was_there_before():
    """The verdict names the strongest relation to an earlier article, and links point back only."""
    t = tracker()
    seen = t.observe_many([FIRST, OTHER, COPY, EDITED, PART])
    assert [s.verdict for s in seen] == ["new", "new", "exact", "near", "part"]
    assert [s.is_repost for s in seen] == [False, False, True, True, False]
    assert [len(s.links) for s in seen] == [0, 0, 1, 2, 3]
    assert len({seen[0].story, seen[2].story, seen[3].story, seen[4].story}) == 1
    assert seen[1].story != seen[0].story


def test_one_by_one_is_as_many_at_once():
    """Observing a batch gives what observing its articles one after another does."""
    news = [FIRST, OTHER, COPY, EDITED, PART]
    one = tracker()
    at_once = tracker().observe_many(news)
    singly = [one.observe(item) for item in news]
    assert [(s.id, s.verdict, len(s.links)) for s in singly] == [
        (s.id, s.verdict, len(s.links)) for s in at_once
    ]


def test_delivering_again_changes_nothing():
    """The same articles get the same answers, in any order and any company."""
    t = tracker()
    news = [FIRST, OTHER, COPY, EDITED, PART]
    seen = {s.id: s for s in t.observe_many(news)}
    before = t.links()
    again = t.observe_many([PART, article("fresh", words(9000, 80)), FIRST, COPY])
    assert [again[0], again[2], again[3]] == [seen["part"], seen["first"], seen["copy"]]
    assert t.links() == before
    assert t.info()["documents"] == 6


def test_the_same_article_twice_in_a_batch():
    """An identifier that comes twice in one batch is observed twice, one after the other."""
    t = tracker()
    once, twice = t.observe_many([FIRST, FIRST])
    assert once == twice
    assert t.info()["documents"] == 1


def test_a_new_version_replaces_the_old_one():
    """Other contents under a known identifier are a revision; the old version does not come back."""
    t = tracker()
    t.observe_many([FIRST, COPY])
    revised = attrs.evolve(FIRST, text=FIRST.text + " " + words(700, 30))
    seen = t.observe(revised)
    assert seen.verdict == "revision"
    assert [(link.a, link.b) for link in seen.links] == [("copy", "first")]
    assert t.observe(FIRST).verdict == "outdated"
    assert [a.text for a in t.articles() if a.id == "first"] == [revised.text]


def test_asking_keeps_nothing():
    """A query says what observing would, and the next one knows nothing of it."""
    t = tracker()
    t.observe(FIRST)
    asked = t.query_many([COPY, EDITED])
    assert [s.verdict for s in asked] == ["exact", "near"]
    assert [len(s.links) for s in asked] == [1, 1]
    assert t.info()["documents"] == 1
    assert t.observe(COPY).links == asked[0].links


def test_texts_without_much_text():
    """Flashes are the same or strangers; signs are compared as they stand; blanks are new each time."""
    t = tracker()
    seen = t.observe_many(
        [
            article("a", "Fire in port"),
            article("b", "fire in PORT"),
            article("c", "fire in town"),
            article("d", "!!!"),
            article("e", "!!!"),
            article("f", "   "),
            article("g", "   "),
            article("h", "Half \ud800 of it"),
            article("i", ""),
        ]
    )
    assert [s.verdict for s in seen] == [
        "new", "exact", "new", "new", "exact", "new", "new", "new", "new",
    ]  # fmt: skip


def test_an_article_comes_back_as_it_was():
    """All fields of an article are kept, keys that are not ours and odd letters as well."""
    whole = Article(
        id="x",
        text="\N{ARABIC LETTER ALEF}\u200f \ud800 text",
        title="t",
        byline="b",
        publisher="p",
        url="u",
        published="2024-01-01",
        fetched="2024-01-02",
        language="ar",
        extra={"n": 2**70, "list": [1, {"a": None}]},
    )
    t = tracker()
    t.observe(whole)
    assert list(t.articles()) == [whole]


def test_what_is_removed_leaves_no_trace():
    """Links go with an article, and a story that it held together falls apart."""
    t = tracker()
    left = article("left", words(0, 100))
    right = article("right", words(100, 100))
    t.observe_many([left, right, FIRST])
    assert t.get("left").story == t.get("right").story
    assert t.remove(["first", "unknown"]) == 1
    assert t.links() == []
    assert t.get("first") is None
    assert t.get("left").story != t.get("right").story
    assert t.observe(FIRST).verdict == "part"


def test_expiry_goes_by_the_time_of_observation():
    """What was observed before a time is forgotten; a time without zone is refused."""
    t = tracker()
    t.observe(FIRST)
    later = datetime.now(UTC) + timedelta(minutes=1)
    with pytest.raises(SettingError, match="time zone"):
        t.expire(datetime(2024, 1, 1))
    assert t.expire(later - timedelta(days=1)) == 0
    assert t.expire(later) == 1
    assert t.observe(COPY).verdict == "new"


def test_a_clock_that_is_set_back_reorders_nothing(monkeypatch: pytest.MonkeyPatch):
    """Times of observation never fall, whatever the clock says."""
    t = tracker()
    t.observe(FIRST)
    monkeypatch.setattr("time.time_ns", lambda: 10**15)
    t.observe(COPY)
    first, second = t._store.documents([0, 1])
    assert second.observed >= first.observed


def test_a_story_is_drawn():
    """The lineage of a story comes from its articles as they are now."""
    credited = attrs.evolve(FIRST, text="LONDON (Reuters) - " + FIRST.text)
    t = tracker()
    t.observe_many([credited, COPY, OTHER])
    story = t.story("copy")
    assert story.members == ("copy", "first")
    assert story.story == t.get("first").story
    assert "wire:reuters" in {node.node for node in story.nodes}
    assert t.story("unknown") is None


def test_without_attribution_links_are_found_and_not_directed():
    """The verbatim view alone: no mentions, no direction, the same pairs."""
    t = tracker(attribute=False)
    seen = t.observe_many([FIRST, COPY])[1]
    assert seen.mentions == ()
    assert [(link.a, link.b, link.kind) for link in seen.links] == [("copy", "first", "repost")]
    assert seen.links[0].direction.a_to_b == 0


def test_identifiers_that_cannot_be_kept():
    """Half a character in an identifier is refused, before anything of the batch is kept."""
    t = tracker()
    with pytest.raises(InputError, match="half a character"):
        t.observe_many([FIRST, article("\ud800", "text")])
    assert t.info()["documents"] == 0


def test_a_crowd_of_copies_costs_linear_work():
    """In a group of hundreds of copies each is tied to a few others, and all are one story."""
    t = tracker(attribute=False)
    seen = t.observe_many(article(f"c{n:04}", words(0, 150) + f" own{n}") for n in range(400))
    assert all(s.verdict == "near" for s in seen[1:])
    assert max(len(s.links) for s in seen) <= 50
    assert len({s.story for s in seen}) == 1
    assert len(t.links()) < 51 * 400


@st.composite
def corpora(draw) -> list[Article]:
    """Articles cut from a few sources, with words of their own; long and short."""
    texts = []
    for number in range(draw(st.integers(2, 9))):
        pieces = []
        for _ in range(draw(st.integers(1, 3))):
            source, start = draw(st.integers(0, 2)), draw(st.integers(0, 8)) * 40
            pieces.append(words(1000 * source + start, draw(st.sampled_from([2, 20, 90, 200]))))
        pieces.append(words(10_000 + 500 * number, draw(st.sampled_from([0, 0, 3, 40, 150]))))
        texts.append(" ".join(filter(None, pieces)))
    return [
        article(
            f"id{number}",
            text,
            publisher=draw(st.sampled_from(["", "one", "two"])),
            published=draw(st.sampled_from(["", "2024-05-01", "2024-05-02"])),
        )
        for number, text in enumerate(texts)
    ]


#: Every shingle is a key, so that a short text finds every longer one it stands in.
DENSE = attrs.evolve(Profile(), index=attrs.evolve(Profile().index, sampling=2))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(corpora(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_links_of_a_batch(news, random):
    """A settled tracker has the links of a trace, whatever came when and in what company."""
    expected = [link_to_record(link) for link in trace(news, kinds=VERBATIM, profile=DENSE).links]
    t = tracker(profile=DENSE)
    random.shuffle(news)
    while news:
        cut = random.randint(1, len(news))
        t.observe_many(news[:cut])
        news = news[cut:]
    t.settle()
    assert [link_to_record(link) for link in t.links()] == expected


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(corpora())
def test_settling_twice_changes_nothing(news):
    """What is settled stays settled."""
    t = tracker()
    t.observe_many(news)
    t.settle()
    before = t.links()
    assert t.settle() == 0
    assert t.links() == before


def test_a_store_on_disk_answers_as_one_in_memory(tmp_path: Path):
    """Closing and opening again between articles makes no difference."""
    news = [FIRST, OTHER, COPY, EDITED, PART]
    expected = tracker().observe_many(news)
    seen = []
    for item in news:
        with Tracker.open(tmp_path / "store") as t:
            seen.append(t.observe(item))
    assert [(s.id, s.verdict, s.story) for s in seen] == [
        (s.id, s.verdict, s.story) for s in expected
    ]
    with Tracker.open(tmp_path / "store", readonly=True) as t:
        assert t.query(article("again", FIRST.text)).verdict == "exact"


def test_a_store_is_opened_as_it_was_made(tmp_path: Path):
    """Whether credits are read is remembered; other settings are refused by name."""
    with Tracker.open(tmp_path / "store", attribute=False) as t:
        t.observe(FIRST)
    with Tracker.open(tmp_path / "store") as t:
        assert t.observe(COPY).mentions == ()
    other = Profile(verify=VerifySpec(whole=0.7))
    with pytest.raises(
        FormatMismatch, match=r"found verify\.whole=0\.8, expected verify\.whole=0\.7"
    ):
        Tracker.open(tmp_path / "store", profile=other)
    with pytest.raises(FormatMismatch, match=r"sketch\.seed=1.*to migrate"):
        Tracker.open(tmp_path / "store", profile=Profile(sketch=SketchSpec(seed=2)))


def test_keys_can_be_made_anew(tmp_path: Path):
    """A rebuilt store finds what it found, and takes new articles."""
    with Tracker.open(tmp_path / "store") as t:
        t.observe_many([FIRST, OTHER, PART])
        t.remove(["other"])
        before = t.links()
        t.compact(rebuild=True)
        assert t.links() == before
        assert [(k.a, k.b) for k in t.observe(COPY).links] == [("copy", "first"), ("copy", "part")]
    with Tracker.open(tmp_path / "store", rebuild=True) as t:
        assert t.observe(EDITED).verdict == "near"


def test_the_example_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The Python of ``docs/tracker.md`` runs as printed."""
    monkeypatch.chdir(tmp_path)
    page = Path(__file__).parent.parent / "docs" / "tracker.md"
    example = page.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    exec(example, {})


def test_a_reader_asks_while_a_writer_observes(tmp_path: Path):
    """What came after the reader opened the store counts in its answers, and is not taken for the question."""
    question = article("again", FIRST.text)
    with Tracker.open(tmp_path / "s") as writer:
        writer.observe(FIRST)
        with Tracker.open(tmp_path / "s", readonly=True) as reader:
            assert len(reader.query(question).links) == 1
            writer.observe_many([COPY, OTHER])
            seen = reader.query(question)
    assert {(link.a, link.b) for link in seen.links} == {("again", "first"), ("again", "copy")}
    assert seen.verdict == "exact"


def test_a_phrase_that_many_texts_share_is_no_reason_to_look():
    """Long texts with one common phrase between them are strangers, whatever its hash is."""
    for phrase in ("he said on", "as it were", "one of the", "in the end", "so they say"):
        t = tracker(profile=DENSE, attribute=False)
        for number in range(8):
            seen = t.observe(article(f"{number}", f"{words(1000 * number, 200)} {phrase}"))
            assert seen.verdict == "new"
