"""The main job: laws that hold for any corpus, and the sample corpus against its gold."""

import json
import random
from pathlib import Path

import pytest

from provenance.codec import link_to_record, mention_to_record, story_to_record
from provenance.engine.batch import trace
from provenance.errors import DuplicateId
from provenance.ingest.reading import read_articles
from provenance.model import Article

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.fixture(scope="module")
def corpus():
    """The articles of the sample corpus."""
    return list(read_articles([SEEDS / "articles.jsonl"]))


@pytest.fixture(scope="module")
def found(corpus):
    """Their trace."""
    return trace(corpus)


def records(result):
    """Everything a trace says, as it is written."""
    return (
        [link_to_record(link) for link in result.links],
        [mention_to_record(mention) for mention in result.mentions],
        [story_to_record(story) for story in result.stories],
    )


def test_the_order_of_the_input_does_not_matter(corpus, found):
    """A shuffled corpus gives the same records."""
    shuffled = random.Random(7).sample(corpus, len(corpus))
    assert records(trace(shuffled)) == records(found)


def test_processes_do_not_matter(corpus, found, monkeypatch):
    """Reading in two processes gives the same records."""
    monkeypatch.setattr("provenance.engine.crediting._WORTH_PROCESSES", 1)
    assert records(trace(corpus, jobs=2)) == records(found)


def test_foreign_keys_stay_in_this_process(monkeypatch):
    """Keys that no process can be sent are handed through, whatever the number of processes."""
    monkeypatch.setattr("provenance.engine.crediting._WORTH_PROCESSES", 1)
    keep = {"unsendable": lambda: None}
    (article,) = trace([Article(id="a", text="one two three", extra=keep)], jobs=2).articles
    assert article.extra is keep


def test_unrelated_articles_leave_a_story_as_it_was(corpus, found):
    """Stories about other things do not change an existing one, nor its identifier."""
    others = [
        Article(id=f"zz-{n}", text=text)
        for n, text in enumerate(
            (
                "The bakery on Linden Row will close in spring after forty years of rye bread.",
                "رصد هواة الفلك مساء أمس شهابا لامعا فوق سلسلة تلال بعيدة عن العمران.",
                "Le club de lecture de Sainte-Aude fête ses trente ans avec une nuit du conte.",
            )
        )
    ]
    before = {story.story: story for story in found.stories}
    after = {story.story: story for story in trace([*corpus, *others]).stories}
    assert before.items() <= after.items()


def test_every_article_is_in_one_story(corpus, found):
    """Stories partition the corpus."""
    members = [member for story in found.stories for member in story.members]
    assert sorted(members) == sorted(article.id for article in corpus)


def test_spans_quote_equal_words(found):
    """Both sides of an aligned span fold to the same text, or nearly: gaps inside are short."""
    from provenance.text.folding import fold_text

    texts = {article.id: article.text for article in found.articles}
    for link in found.links:
        for span in link.spans:
            if span.view != "verbatim":
                continue
            left = fold_text(texts[link.a][slice(*span.a)]).split()
            right = fold_text(texts[link.b][slice(*span.b)]).split()
            shared = len(set(left) & set(right))
            assert shared >= 0.6 * min(len(set(left)), len(set(right)))


def test_edges_never_run_in_a_circle(found):
    """Following directed edges never leads back."""
    for story in found.stories:
        children = {}
        for edge in story.edges:
            if edge.directed:
                children.setdefault(edge.parent, []).append(edge.child)
        for start, first in children.items():
            seen, todo = set(), list(first)
            while todo:
                node = todo.pop()
                assert node != start
                if node not in seen:
                    seen.add(node)
                    todo.extend(children.get(node, ()))


def test_two_articles_of_one_name_are_refused():
    """Identifiers must differ, and the message says which does not."""
    with pytest.raises(DuplicateId, match="'same'"):
        trace([Article(id="same", text="one"), Article(id="same", text="two")])


@pytest.mark.parametrize("texts", [[], [""], ["", " ", "!!!", "؟"], ["one", "one two", "one"]])
def test_few_and_empty_texts_are_no_trouble(texts):
    """A corpus of nothing, of empty texts, of flashes: each article is kept and in one story."""
    result = trace([Article(id=str(n), text=text) for n, text in enumerate(texts)])
    assert sum(len(story.members) for story in result.stories) == len(texts)


def test_a_written_trace_is_whole_and_repeats_byte_by_byte(found, corpus, tmp_path):
    """All promised files are there; records of two runs are the same bytes."""
    found.write(tmp_path / "one")
    trace(corpus).write(tmp_path / "two")
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {
        "links.jsonl",
        "possible.jsonl",
        "mentions.jsonl",
        "stories.jsonl",
        "lineage.prov.json",
        "report.html",
        "run.json",
    }
    for name in names - {"run.json", "report.html"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_only_the_kinds_asked_for_are_linked(corpus):
    """``kinds`` leaves the others out."""
    assert {link.kind for link in trace(corpus, kinds=["update"]).links} == {"update"}


def gold(name):
    """Records of the gold."""
    lines = (SEEDS / "gold" / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


#: Two excerpts of one item that have little of it in common, and a cut copy beside a telling of the
#: whole, which shares no passage with it.  Found one day, they must leave this list.
UNSEEN = {
    ("bridge-05-lead", "bridge-15-middle"),
    ("footbridge-02-dpa-cut", "footbridge-06-rewrite"),
}


def test_the_sample_corpus_is_linked_as_its_gold_says(found):
    """Every link of the gold but the two unseen is found with its kind, and nothing else is."""
    expected = {
        (link["a"], link["b"]): link["kind"]
        for link in gold("links.jsonl")
        if link["kind"] != "same_story"
    }
    got = {(link.a, link.b): link.kind for link in found.links if link.kind != "same_story"}
    assert set(expected) - set(got) == UNSEEN
    assert got.items() <= expected.items()


def test_the_sample_corpus_is_read_as_its_gold_says(found):
    """Every source that the gold names is read in its role, and nothing else.

    Mentions of an agency as a subject say nothing about sources and are left out.
    """
    told = [m for m in found.mentions if m.role != "topic_mention"]
    got = sorted((m.id, m.role, m.agency or "", m.field) for m in told)
    expected = sorted(
        (m["id"], m["role"], m["agency"] or "", m.get("field", "text"))
        for m in gold("mentions.jsonl")
        if m["role"] != "topic_mention"
    )
    assert got == expected


def test_the_sample_corpus_is_grouped_as_its_gold_says(found):
    """Stories have the members of the gold, and no others."""
    got = {story.members for story in found.stories}
    assert got == {tuple(story["members"]) for story in gold("stories.jsonl")}
