"""Groups of copies: the same as comparing everything with everything, in bounded memory."""

from __future__ import annotations

import random
import tempfile
import threading
import weakref
from pathlib import Path

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.config import Profile, SketchSpec, VerifySpec
from provenance.disjoint import smallest_members
from provenance.engine.deduping import choose_kept, dedupe, find_groups
from provenance.engine.joining import CopyFinder
from provenance.engine.spilling import Spill
from provenance.engine.threads import Threads
from provenance.model import Article
from provenance.sketch.signatures import sketch_texts
from provenance.verify.overlap import measure_pairs


def prose(draw: random.Random, length: int = 100) -> list[str]:
    return [f"w{draw.randrange(1000)}" for _ in range(length)]


def edited(draw: random.Random, words: list[str]) -> list[str]:
    """A copy, a near-copy, or something in between."""
    words = list(words)
    for _ in range(draw.choice([0, 0, 1, 3, 10, 20])):
        words[draw.randrange(len(words))] = f"new{draw.randrange(10**6)}"
    cut = draw.choice([0, 0, 5, 20])
    return words[: len(words) - cut]


def corpus(seed: int, size: int = 120) -> list[str]:
    draw = random.Random(seed)
    texts = [prose(draw) for _ in range(size // 3)]
    texts += [edited(draw, draw.choice(texts)) for _ in range(size - len(texts))]
    draw.shuffle(texts)
    return [" ".join(words) for words in texts]


def by_comparing_all(texts: list[str], whole: float) -> list[int]:
    sketches = sketch_texts(texts)
    pairs = np.argwhere(np.triu(np.ones((len(texts), len(texts)), bool), 1)).astype(np.uint32)
    measures = measure_pairs(pairs, sketches)
    both = np.minimum(measures.containment_a, measures.containment_b)
    return smallest_members(pairs[both >= whole], len(texts)).tolist()


@pytest.mark.parametrize("whole", [0.5, 0.8, 0.95, 1.0])
@pytest.mark.parametrize("seed", range(3))
def test_groups_are_those_of_comparing_all_pairs(seed: int, whole: float) -> None:
    """Whatever overlap is asked for, no group is lost and none is made up."""
    texts = corpus(seed)
    profile = Profile(verify=VerifySpec(whole=whole))
    assert find_groups(texts, profile=profile) == by_comparing_all(texts, whole)


def test_copies_within_one_form_are_found() -> None:
    """Five hundred reports filled into one form, each pair short of a copy: the few copies are found.

    Their signatures agree hardly more than those of strangers, so that the bands see one crowd.
    """
    form = [[f"form{part}x{word}" for word in range(41)] for part in range(6)]

    def filled(*names: str) -> str:
        """Six parts of the form, before each of them nine words that belong to a name."""
        own = ([f"{name}x{part}x{word}" for word in range(9)] for part, name in enumerate(names))
        return " ".join(word for parts in zip(own, form, strict=True) for w in parts for word in w)

    texts = [filled(*[f"n{number}"] * 6) for number in range(500)]
    texts += [filled(f"n{number}", *[f"c{number}"] * 5) for number in range(0, 500, 10)]
    wanted = by_comparing_all(texts, 0.8)
    assert len(set(wanted)) == 500
    found = find_groups(texts)
    assert sum(a != b for a, b in zip(wanted, found, strict=True)) <= 3


@pytest.mark.parametrize(
    ("texts", "groups"),
    [
        (["***", "***", "* **"], [0, 0, 2]),
        (["\N{PARTY POPPER}", "!", "\N{PARTY POPPER}"], [0, 1, 0]),
        (["", " ", "\n", ""], [0, 1, 2, 3]),
        (["\ud83d", "\ud83d"], [0, 0]),
    ],
)
def test_texts_without_words_are_copies_if_they_are_the_same(
    texts: list[str], groups: list[int]
) -> None:
    """Character by character; blank ones are nobody's copy."""
    assert find_groups(texts) == groups


def test_an_empty_corpus_has_no_groups() -> None:
    """Nothing in, nothing out."""
    assert find_groups([]) == []
    assert list(dedupe(iter(()))) == []


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_threads_change_nothing(jobs: int) -> None:
    """The groups are the same with one thread and with more than there are blocks."""
    texts = corpus(11, 900)
    assert find_groups(texts, jobs=jobs) == find_groups(texts, jobs=3)


def as_articles(texts: list[str]) -> list[Article]:
    return [Article(id=str(n), text=text, extra={"n": n}) for n, text in enumerate(texts)]


def test_an_iterator_gives_what_a_list_gives() -> None:
    """Articles that were put aside come back as they were, in order."""
    articles = as_articles(corpus(3, 600))
    assert list(dedupe(iter(articles))) == list(dedupe(articles))


def test_the_articles_of_an_iterator_are_not_held() -> None:
    """However many come, only a few are in memory at any time."""
    alive = most = 0

    def bury() -> None:
        nonlocal alive
        alive -= 1

    def stream() -> object:
        nonlocal alive, most
        for number, text in enumerate(corpus(5, 300) * 10):
            article = Article(id=str(number), text=text)
            weakref.finalize(article, bury)
            alive += 1
            most = max(most, alive)
            yield article

    kept = sum(1 for _ in dedupe(stream(), jobs=1))
    assert 0 < kept <= 300
    assert 0 < most <= 2 * 256


def test_a_reader_that_fails_is_heard_and_no_thread_stays() -> None:
    """An error of the caller's iterator comes through."""

    def stream() -> object:
        yield Article(id="1", text="one")
        msg = "no more"
        raise OSError(msg)

    before = threading.active_count()
    with pytest.raises(OSError, match="no more"):
        list(dedupe(stream()))
    assert threading.active_count() == before


def test_known_texts_are_not_compared_with_each_other() -> None:
    """What is held elsewhere only has to be recognized."""
    text = " ".join(prose(random.Random(1)))
    with Threads(1) as threads, CopyFinder(Profile(), threads) as finder:
        finder.add(sketch_texts([text, text]), {})
        finder.mark_known()
        finder.add(sketch_texts(["something else altogether, and new"]), {})
        apart = finder.groups().tolist()
        finder.add(sketch_texts([text]), {})
        groups = finder.groups().tolist()
    assert apart == [0, 1, 2]
    assert groups[3] == 0


groupings = st.lists(st.integers(0, 9), min_size=1, max_size=30).map(
    lambda draws: np.array([draws.index(value) for value in draws], np.int64)
)


@given(groupings, st.data())
def test_who_stays_is_the_best_of_its_group(groups: np.ndarray, data: st.DataObject) -> None:
    """Longest and earliest, ties to the first; undated texts are not early."""
    some = st.lists(st.integers(0, 3), min_size=groups.size, max_size=groups.size)
    lengths = data.draw(some)
    dates = [("", "2024-01-01", "2024-01-02", "2024-02")[n] for n in data.draw(some)]
    members = {g: [n for n in range(groups.size) if groups[n] == g] for g in groups.tolist()}
    longest = [min(members[g], key=lambda n: (-lengths[n], n)) for g in groups.tolist()]
    earliest = [min(members[g], key=lambda n: (not dates[n], dates[n], n)) for g in groups.tolist()]
    assert choose_kept(groups, "first").tolist() == groups.tolist()
    assert choose_kept(groups, "longest", lengths=lengths).tolist() == longest
    assert choose_kept(groups, "earliest", published=dates).tolist() == earliest


def test_a_known_text_stays_whatever_the_rule() -> None:
    """A copy of what is held elsewhere goes, were it the longest."""
    groups = np.array([0, 0, 2, 2])
    kept = choose_kept(groups, "longest", lengths=[1, 9, 1, 9], known=1)
    assert kept.tolist() == [0, 0, 3, 3]


@given(st.lists(st.lists(st.integers(0, 2**32 - 1), max_size=20), max_size=8))
@settings(deadline=None)
def test_what_is_spilled_is_what_was_appended(parts: list[list[int]]) -> None:
    """Rows come back in order, while more are appended."""
    with Spill(np.uint32) as spill:
        for count, part in enumerate(parts, start=1):
            spill.append(np.array(part, np.uint32))
            assert spill.view().tolist() == [value for some in parts[:count] for value in some]
            spill.forget()
        rows = np.arange(12, dtype=np.int64).reshape(4, 3)
    with Spill(np.int64, (3,)) as spill:
        assert spill.view().shape == (0, 3)
        spill.append(rows)
        np.testing.assert_array_equal(spill.view(), rows)


def test_nothing_lies_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary files have no name, or none that outlives the run."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    articles = as_articles(corpus(3, 300))
    passed = dedupe(iter(articles))
    next(passed)
    passed.close()  # type: ignore[attr-defined]  # whoever stops early leaves nothing either
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("permutations", [16, 64, 256])
def test_other_signatures_do_as_well(permutations: int) -> None:
    """Bands follow the length of the signature."""
    texts = corpus(1)
    profile = attrs.evolve(Profile(), sketch=SketchSpec(permutations=permutations))
    wanted, found = by_comparing_all(texts, 0.8), find_groups(texts, profile=profile)
    assert sum(a != b for a, b in zip(wanted, found, strict=True)) <= (
        5 if permutations < 64 else 0
    )


@attrs.frozen(kw_only=True)
class Marked(Article):
    """An article of somebody who needs more."""

    mark: int


def test_articles_of_another_class_come_back_as_they_were() -> None:
    """What is put aside keeps its class and its fields."""
    articles = [Marked(id=str(n), text=f"text {n}", mark=n) for n in range(3)]
    mixed = [*articles, Article(id="x", text="plain", extra={"a": [1]})]
    assert list(dedupe(iter(mixed))) == mixed
