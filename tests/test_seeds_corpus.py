"""The sample corpus is what its README says: well-formed, complete, and its gold true of its texts."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from provenance import codec, model

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def _records(name: str) -> list[dict[str, Any]]:
    lines = (SEEDS / name).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


ARTICLES = {record["id"]: record for record in _records("articles.jsonl")}
LINKS = _records("gold/links.jsonl")
MENTIONS = _records("gold/mentions.jsonl")
TRAPS = _records("gold/traps.jsonl")
STORIES = {record["story"]: record for record in _records("gold/stories.jsonl")}
STORY_OF = {member: name for name, story in STORIES.items() for member in story["members"]}


def _sentences(text: str) -> set[str]:
    """Return the sentences long enough to be nobody's formula: six words or more."""
    parts = re.split(r"[.!?؟\n]+", text)
    return {" ".join(part.split()) for part in parts if len(part.split()) >= 6}


def test_the_files_are_what_the_generator_writes() -> None:
    """Nobody edits the built files by hand: a rebuild changes nothing."""
    done = subprocess.run(
        [sys.executable, str(SEEDS / "build_corpus.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_identifiers_are_unique() -> None:
    """No article stands twice, so none would be rejected on reading."""
    assert len(ARTICLES) == len(_records("articles.jsonl"))


def test_articles_hold_only_fields_of_the_interface() -> None:
    """A record has a text and otherwise only what the interface names, all strings."""
    known = set(model.Article.__annotations__) - {"extra"}
    for record in ARTICLES.values():
        assert set(record) <= known
        assert record["text"].strip()
        assert all(isinstance(value, str) for value in record.values())


def test_addresses_lead_nowhere() -> None:
    """Every address uses the reserved top-level domain for examples."""
    hosts = {record["url"].split("/")[2] for record in ARTICLES.values()}
    assert all(host.endswith(".example") for host in hosts)


def test_size_of_the_corpus() -> None:
    """At least four stories of several articles, forty articles, half of them Arabic by script."""
    arabic = [r for r in ARTICLES.values() if re.search(r"[\u0600-\u06ff]{3}", r["text"])]
    assert len([s for s in STORIES.values() if len(s["members"]) >= 3]) >= 4
    assert len(ARTICLES) >= 40
    assert 0.45 <= len(arabic) / len(ARTICLES) <= 0.65


def test_languages_are_declared_and_missing() -> None:
    """Arabic, English, French and Turkish are declared, and some articles declare nothing."""
    declared = Counter(record.get("language") for record in ARTICLES.values())
    assert {"ar", "en", "fr", "tr", None} <= set(declared)


def test_articles_have_the_length_of_news() -> None:
    """A text has 100 to 350 words, but for the flashes of at most 40."""
    for name, record in ARTICLES.items():
        words = len(record["text"].split())
        if name.endswith("-flash"):
            assert words <= 40
        else:
            assert 100 <= words <= 350, (name, words)
    assert sum(name.endswith("-flash") for name in ARTICLES) >= 3


def test_dates_are_missing_here_and_there() -> None:
    """Some articles have no publication date, as scraped pages do."""
    assert sum("published" not in record for record in ARTICLES.values()) >= 3
    assert sum("fetched" in record for record in ARTICLES.values()) >= 5


@pytest.mark.parametrize("record", [*MENTIONS, *TRAPS], ids=lambda r: f"{r['id']}:{r['text'][:20]}")
def test_spans_cut_out_their_words(record: dict[str, Any]) -> None:
    """A gold span is code points of the field it names."""
    start, end = record["span"]
    assert ARTICLES[record["id"]][record.get("field", "text")][start:end] == record["text"]


def test_no_trap_is_a_mention() -> None:
    """What must not be claimed is not claimed by the gold."""
    for trap in TRAPS:
        for mention in MENTIONS:
            if mention["id"] == trap["id"] and mention.get("field") == trap.get("field"):
                assert not (
                    mention["span"][0] < trap["span"][1] and trap["span"][0] < mention["span"][1]
                )


def test_every_role_is_present() -> None:
    """Every role a mention can have stands in the gold at least once."""
    assert {mention["role"] for mention in MENTIONS} == set(get_args(model.Role))


def test_zones_are_those_of_the_model() -> None:
    """A gold zone is one a reader can report."""
    assert {mention["zone"] for mention in MENTIONS} <= set(get_args(model.Zone))


def test_agencies_stand_in_the_catalogue() -> None:
    """Every agency of the gold is one of the curated catalogue."""
    with (SEEDS / "catalogue" / "agencies.csv").open(encoding="utf-8", newline="") as lines:
        known = {row["id"] for row in csv.DictReader(lines)}
    assert {m["agency"] for m in MENTIONS} - {None} <= known
    nodes = [node for story in STORIES.values() for node in story["nodes"]]
    assert {node["agency"] for node in nodes if "agency" in node} <= known


def test_stories_partition_the_articles() -> None:
    """Every article belongs to exactly one story."""
    members = [member for story in STORIES.values() for member in story["members"]]
    assert sorted(members) == sorted(ARTICLES)


def test_stories_share_names_but_no_sentence() -> None:
    """No sentence stands in two stories, though two pairs of stories share people and places."""
    sentences: dict[str, str] = {}
    for name, record in ARTICLES.items():
        for sentence in _sentences(record["text"]):
            assert sentences.setdefault(sentence, STORY_OF[name]) == STORY_OF[name], sentence
    for shared in ("المرواني", "السدرة", "الحلواني", "مروان بدير"):
        assert len({STORY_OF[n] for n, r in ARTICLES.items() if shared in r["text"]}) >= 2


def test_links_join_two_articles_of_one_story() -> None:
    """Both ends exist, stand in identifier order and belong to one story; no pair stands twice."""
    pairs = [(link["a"], link["b"]) for link in LINKS]
    assert len(set(pairs)) == len(pairs)
    for a, b in pairs:
        assert a < b
        assert STORY_OF[a] == STORY_OF[b]


def test_every_kind_of_reuse_is_linked() -> None:
    """Each kind of link but ``same_story`` occurs, several times where copies are many."""
    kinds = Counter(link["kind"] for link in LINKS)
    assert set(kinds) == set(get_args(model.LinkKind)) - {"same_story"}
    assert kinds["repost"] >= 20
    assert kinds["excerpt"] >= 10


def test_links_say_one_direction() -> None:
    """The truth is certain: one of the three directions has probability one."""
    for link in LINKS:
        assert sorted(link["direction"].values()) == [0.0, 0.0, 1.0]


def test_linked_passages_lie_in_their_texts() -> None:
    """A link shows at least one passage; verbatim ones share most of their words."""
    for link in LINKS:
        assert link["spans"]
        for span in link["spans"]:
            first = ARTICLES[link["a"]]["text"][slice(*span["a"])]
            second = ARTICLES[link["b"]]["text"][slice(*span["b"])]
            assert first.strip()
            assert second.strip()
            if span["view"] == "verbatim" and "retyped" not in link["a"] + link["b"]:
                words = set(first.split()), set(second.split())
                assert len(words[0] & words[1]) >= 0.6 * min(map(len, words)), (first, second)


def test_rewrites_keep_no_phrase() -> None:
    """A rewrite shares less than a tenth of its shingles: other words, not a lightly edited copy."""
    rewrites = [link for link in LINKS if link["kind"] == "rewrite"]
    assert rewrites
    assert all(link["overlap"]["jaccard"] < 0.1 for link in rewrites)


def test_translations_go_both_ways() -> None:
    """Arabic is translated into English and Turkish, English into Arabic and French."""
    languages = {"ar", "en", "fr", "tr"}
    found = {
        (ARTICLES[edge["parent"]]["language"], ARTICLES[edge["child"]]["language"])
        for story in STORIES.values()
        for edge in story["edges"]
        if edge["kind"] == "translation" and edge["parent"] in ARTICLES
    }
    assert {("ar", "en"), ("en", "ar"), ("en", "fr"), ("ar", "tr")} <= found
    assert {language for pair in found for language in pair} <= languages


@pytest.mark.parametrize("story", STORIES.values(), ids=lambda story: story["story"])
def test_lineage_has_no_circle(story: dict[str, Any]) -> None:
    """Edges join nodes of their story and never lead back."""
    nodes = {node["node"] for node in story["nodes"]}
    parents: dict[str, set[str]] = {node: set() for node in nodes}
    for edge in story["edges"]:
        assert {edge["parent"], edge["child"]} <= nodes
        parents[edge["child"]].add(edge["parent"])
    while ready := [node for node, above in parents.items() if not above]:
        for node in ready:
            del parents[node]
        for above in parents.values():
            above.difference_update(ready)
    assert not parents


def test_edges_follow_time() -> None:
    """A parent is never later than its child, by day and, where both give one, by time."""
    for story in STORIES.values():
        days = {d["id"]: d["published"][0] for d in story["documents"]}
        for edge in story["edges"]:
            if edge["parent"] in days:
                assert days[edge["parent"]] <= days[edge["child"]]
                times = [ARTICLES[edge[end]].get("published", "") for end in ("parent", "child")]
                if all("T" in time for time in times):
                    assert datetime.fromisoformat(times[0]) < datetime.fromisoformat(times[1])


def test_lineage_shows_every_situation() -> None:
    """All edge kinds but the system's own ``common_source``, hidden parents, one undirected edge."""
    edges = [edge for story in STORIES.values() for edge in story["edges"]]
    assert {edge["kind"] for edge in edges} == set(get_args(model.EdgeKind)) - {"common_source"}
    hidden = {n["node"].split(":")[0] for s in STORIES.values() for n in s["nodes"]} & {
        "wire",
        "page",
    }
    assert hidden == {"wire", "page"}
    assert [edge for edge in edges if edge.get("directed") is False]
    origins = [o for s in STORIES.values() for d in s["documents"] for o in d["origins"]]
    assert {origin["basis"] for origin in origins} >= {"own credit", "credited copy", "told"}


def test_no_copy_of_a_hidden_item_descends_from_its_sibling() -> None:
    """Texts that hang on one unobserved item are not joined to each other."""
    for story in STORIES.values():
        hidden: dict[str, set[str]] = {}
        for edge in story["edges"]:
            if edge["parent"] not in ARTICLES and edge["kind"] == "repost":
                hidden.setdefault(edge["parent"], set()).add(edge["child"])
        for children in hidden.values():
            for edge in story["edges"]:
                assert not {edge["parent"], edge["child"]} <= children


SITUATIONS = {
    "wire item with a dateline": r"\(رويترز\) - ",
    "staff line": r"\(إعداد .+ - تحرير .+\)",
    "end mark": r"// انتهى //",
    "replaced dateline": r"^النخيلات: «الميناء الجديد»$",
    "scraper wrapper": r"\[ad_1\][\s\S]+\[ad_2\]\s+المصدر",
    "comment form": r"لن يتم نشر عنوان بريدك الإلكتروني",
    "share widget": r"^شارك القصة$",
    "back to top": r"^زر الذهاب إلى الأعلى$",
    "text size widget": r"^TT$",
    "embed": r"^— .+ \(@\w+\) \w+ \d+, \d{4}$",
    "caption chain": r"\| أ ف ب \| صور",
    "photo credit": r"Photo: .+ / AFP",
    "composite credit on two lines": r"^المصادر:\nرويترز",
    "contribution line": r"contributed to this report\.$",
    "glued notice": r"\.تُرجمت",
    "orphan of machine translation": r"”\. أضافت\.",
    "the source said": r"وقال المصدر: ",
    "crawl date as header": r"^الأربعاء 19 نوفمبر / November 2025$",
    "vowel marks": r"حَتْفَهُم",
    "Persian letters": r"الغدیر",
    "Arabic digits": r"٣١٢",
}


@pytest.mark.parametrize("pattern", SITUATIONS.values(), ids=SITUATIONS.keys())
def test_situation_of_scraped_pages_occurs(pattern: str) -> None:
    """Each thing that stands on real pages stands in the corpus."""
    assert any(re.search(pattern, r["text"], re.MULTILINE) for r in ARTICLES.values())


def test_titles_are_repeated_in_a_text() -> None:
    """At least one page shows its title twice above the text."""
    assert any(r.get("title") and r["text"].count(r["title"]) >= 2 for r in ARTICLES.values())


def test_records_survive_the_codec() -> None:
    """Gold is in the interface's own forms: reading and writing changes nothing."""
    for link in LINKS:
        assert codec.link_to_record(codec.link_from_record(link)) == link
    for mention in MENTIONS:
        assert codec.mention_to_record(codec.mention_from_record(mention)) == mention
    for story in STORIES.values():
        assert codec.story_to_record(codec.story_from_record(story)) == story


def test_readme_tells_of_every_article() -> None:
    """The README names each article and each story."""
    readme = (SEEDS / "README.md").read_text("utf-8")
    missing = [name for name in [*ARTICLES, *STORIES] if name not in readme]
    assert not missing
