"""The scale benchmark's corpora are what their truth says."""

from __future__ import annotations

import io
import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from provenance.text.folding import fold_text

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks" / "scale"))

import edits
import generate
import malformed
import wording

CORPUS = generate.Corpus(articles=1200, seed=7)


@pytest.fixture(scope="module")
def model():
    return generate.learn_model(None)


def _written(corpus, model):
    articles, truth = io.BytesIO(), io.StringIO()
    generate.write_corpus(corpus, model, articles, truth)
    rows = [row.split("\t") for row in truth.getvalue().splitlines()[1:]]
    return articles.getvalue(), rows


@pytest.fixture(scope="module")
def written(model):
    return _written(CORPUS, model)


@pytest.fixture(scope="module")
def records(written):
    return [json.loads(line) for line in written[0].splitlines()]


def _shingles(text):
    words = fold_text(text).split()
    return {tuple(words[i : i + 3]) for i in range(len(words) - 2)}


def test_the_same_arguments_give_the_same_bytes(model, written):
    """A corpus is a function of its arguments."""
    assert _written(CORPUS, model) == written


def test_another_seed_gives_other_articles(model, written):
    """Nothing of one corpus returns in another."""
    other = json.loads(_written(generate.Corpus(articles=3, seed=8), model)[0].splitlines()[0])
    assert other["text"] not in written[0].decode()


def test_a_longer_corpus_begins_with_the_shorter(model, written):
    """Growing the corpus changes none of the articles it had."""
    short, rows = _written(generate.Corpus(articles=300, seed=7), model)
    assert written[0].startswith(short)
    assert written[1][: len(rows)] == rows


def test_records_have_the_fields_of_an_article(records):
    """Identifiers are unique and every field is filled."""
    assert len({record["id"] for record in records}) == len(records) == CORPUS.articles
    assert all(
        record.keys() == {"id", "title", "publisher", "url", "published", "text"}
        and all(record.values())
        for record in records
    )


def test_copies_come_later_than_their_originals_and_not_beside_them(records, written):
    """In the file and in time; and an original is no copy itself."""
    line = {record["id"]: number for number, record in enumerate(records)}
    time = {record["id"]: record["published"] for record in records}
    copies = {row[0] for row in written[1]}
    for copy, original, *_ in written[1]:
        assert line[copy] > line[original] + 1
        assert time[copy] > time[original]
        assert original not in copies


def test_three_in_ten_are_copies_of_every_kind(written):
    """The share is the one asked for, and no kind is missing."""
    kinds = [row[2] for row in written[1]]
    assert set(kinds) == set(edits.KINDS) - {edits.CLUSTER}
    assert 0.25 < len(kinds) / CORPUS.articles < 0.35


def test_the_truth_tells_the_overlap_of_the_texts(records, written):
    """Folded words of the written texts overlap as planted, or nearly: some words fold to nothing."""
    text = {record["id"]: record["text"] for record in records}
    for copy, original, kind, jaccard, containment in written[1]:
        a, b = _shingles(text[copy]), _shingles(text[original])
        shared = len(a & b)
        assert shared / len(a | b) == pytest.approx(float(jaccard), abs=0.06), kind
        assert shared / min(len(a), len(b)) == pytest.approx(float(containment), abs=0.06), kind


def test_nothing_overlaps_that_was_not_planted(records, written):
    """Two originals share the turns of phrase that any two articles share."""
    copies = {row[0] for row in written[1]}
    sets = [_shingles(r["text"]) for r in records if r["id"] not in copies][:120]
    for number, a in enumerate(sets):
        for b in sets[:number]:
            assert len(a & b) < 0.15 * min(len(a), len(b))


@pytest.mark.parametrize(
    ("kind", "jaccard"), [("jaccard_8", 0.8), ("jaccard_5", 0.5), ("jaccard_3", 0.3)]
)
def test_targets_are_hit(kind, jaccard):
    """Whatever the length and wherever the runs fall."""
    random = np.random.default_rng(0)
    for size in (60, 61, 100, 300, 1500):
        for _ in range(50):
            words = np.arange(size, dtype=np.uint32)
            copy = edits.KINDS[kind].edit(words, words + 2000, random)
            assert copy.size == size
            assert edits.measure_overlap(copy, words)[0] == pytest.approx(jaccard, abs=0.025)


@pytest.mark.parametrize(
    ("kind", "size"),
    [("exact", 300), ("dateline", 304), ("inserted", 301), ("tail_cut", 276), ("half_cut", 150),
     ("moved", 300), ("excerpt", 75), ("embedded", 900)],
)  # fmt: skip
def test_edits_change_the_length_as_they_say(kind, size):
    """Of an article of 300 words."""
    words = np.arange(300, dtype=np.uint32)
    copy = edits.KINDS[kind].edit(words, words.repeat(2) + 300, np.random.default_rng(0))
    assert copy.size == size


@pytest.mark.parametrize(("kind", "count"), [("replaced_1", 3), ("replaced_5", 15)])
def test_words_are_replaced_one_for_one(kind, count):
    """One or five in a hundred."""
    words = np.arange(300, dtype=np.uint32)
    copy = edits.KINDS[kind].edit(words, words + 300, np.random.default_rng(0))
    assert np.count_nonzero(copy != words) == count


def test_a_retyped_text_is_written_otherwise_and_folds_to_the_same_words():
    """Letters, marks, digits and commas differ; words do not."""
    text = "أعلنت الهيئة أنّ المستشفى إلى آخر 2025، وقالت: ٣٤ مدرسة في كل مكان على الطريق"
    typed = {edits.retype_arabic(text, np.random.default_rng(seed)) for seed in range(40)}
    assert len(typed) > 30
    assert {fold_text(other) for other in typed} == {fold_text(text)}


def test_a_cluster_changes_nothing_else(model, written):
    """Without its members the file is the one without a cluster, and the truth too."""
    corpus = generate.Corpus(articles=1200, seed=7, cluster=50)
    articles, rows = _written(corpus, model)
    lines = articles.splitlines(keepends=True)
    others = b"".join(line for line in lines if json.loads(line)["id"].startswith("n"))
    members = [row for row in rows if row[2] == edits.CLUSTER]
    assert others == written[0]
    assert [row for row in rows if row[2] != edits.CLUSTER] == written[1]
    assert len(members) == 50
    assert all(row[1] == "n0000000" and float(row[3]) > 0.75 for row in members)


def test_lengths_are_those_asked_for(model):
    """The mean, and no spread where none is wanted."""
    lengths = [
        len(json.loads(line)["text"].split())
        for line in _written(generate.Corpus(articles=400, copies=0), model)[0].splitlines()
    ]
    assert 260 < np.mean(lengths) < 340
    even = _written(generate.Corpus(articles=20, copies=0, spread=0, words=120), model)[0]
    assert {len(json.loads(line)["text"].split()) for line in even.splitlines()} == {120}


def test_words_follow_each_other_as_in_the_texts_learnt_from():
    """Three steps in four are a real pair of words, where the words are frequent."""
    texts = ["a b c d e f g h", "b a d c f e h g\n\na c"] * 50
    model = wording.learn_words(texts)
    stream = [model.vocabulary[word] for word in model.stream.tolist()]
    pairs = set(pairwise(stream))
    (words,) = wording.generate_words(model, 1, np.array([5]), np.array([4000]))
    drawn = [model.vocabulary[word] for word in words.tolist()]
    assert set(drawn) == set(stream)
    real = sum(pair in pairs for pair in pairwise(drawn))
    assert real / 4000 > 0.74


@pytest.fixture(scope="module")
def damaged(tmp_path_factory):
    path = tmp_path_factory.mktemp("damaged") / "bad.jsonl"
    truth = path.with_suffix(".tsv")
    malformed.write_records(path, truth, records=500, longest=1 << 20, large=1)
    return path, truth


def test_every_malformed_record_is_accounted_for(damaged):
    """Nothing is lost, nothing is named twice, and good and bad are told apart as in the truth."""
    path, truth = damaged
    outcome = malformed.read_outcome(path)
    assert malformed.compare(outcome, truth) == []
    assert len(outcome.rejected) > 250


def test_all_kinds_of_damage_are_there(damaged):
    """And the verdicts on them differ."""
    rows = [row.split("\t") for row in damaged[1].read_text().splitlines()[1:]]
    kinds = {kind for _line, kind, _verdict in rows}
    assert kinds > {*malformed.KINDS, "good", "id_twice", "long_line", "nested", "marks"}
    assert {verdict for _line, _kind, verdict in rows} == {"accept", "reject", "either", "skip"}
    assert {verdict for _line, kind, verdict in rows if kind == "good"} == {"accept"}
    assert len(damaged[0].read_bytes().split(b"\n")) == len(rows)


@pytest.mark.parametrize("change", ["lost", "named twice", "wrongly accepted", "wrongly rejected"])
def test_the_check_finds_what_a_reader_does_wrong(damaged, change):
    """A reader that loses, repeats or confuses a record does not pass."""
    path, truth = damaged
    right = malformed.read_outcome(path)
    accepted, rejected = right.accepted, right.rejected
    if change == "lost":
        accepted = accepted[:-1]
    elif change == "named twice":
        rejected = (*rejected, rejected[0])
    elif change == "wrongly accepted":
        bad = next(line for line, reason in rejected if reason.startswith("wrong type"))
        accepted = (*accepted, bad)
        rejected = tuple(row for row in rejected if row[0] != bad)
    else:
        accepted, rejected = accepted[1:], (*rejected, (accepted[0], "not JSON"))
    wrong = malformed.Outcome(accepted=accepted, count=len(accepted), rejected=rejected)
    assert malformed.compare(wrong, truth)


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        (b'{"id": "a", "text": ""}', "accept"),
        (b'{"id": 5, "text": "b"}', "accept"),
        (b'{"id": "known", "text": "b"}', "reject"),
        (b'{"id": "a", "text": 5}', "reject"),
        (b'{"id": "a", "text": "b", "url": []}', "reject"),
        (b'{"id": "a", "text": "b"} ', "accept"),
        (b'{"id": "a", "text": "b"} x', "reject"),
        (b'{"id": "a", "text": "\xff"}', "reject"),
        (b'{"id": "a", "text": "b", "x": NaN}', "either"),
        (b'{"id": "a", "text": "b", "x": 1e999}', "either"),
        (b'{"id": "a", "text": "\\ud800"}', "either"),
        (b" \r", "skip"),
        (b"[]", "reject"),
    ],
)
def test_the_judge_knows_json(line, verdict):
    """Grammar, encoding and types, each by a line."""
    assert malformed.judge(line, {"known"}) == verdict
