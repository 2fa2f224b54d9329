"""``provenance store``: articles come one by one, and the exit status says what went wrong."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from provenance.cli.main import main

Run = Callable[..., tuple[int, str, str]]

WORDS = " ".join(f"word{n}" for n in range(80))
NEWS = [
    {"id": "a", "text": "LONDON (Reuters) - " + WORDS, "publisher": "one"},
    {"id": "b", "text": WORDS, "publisher": "two"},
    {"id": "c", "text": "something else altogether"},
]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run ``provenance store`` in a folder with ``news.jsonl``; return status, output and messages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    Path("news.jsonl").write_text("".join(json.dumps(item) + "\n" for item in NEWS))

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(["store", *arguments])
        sys.stdout.flush()
        assert isinstance(left.value.code, int)
        return left.value.code, *capfd.readouterr()

    return run


def test_articles_are_added_once(run: Run):
    """A second delivery prints the same answers and keeps nothing twice."""
    status, first, said = run("add", "s", "news.jsonl", "--json")
    assert status == 0
    assert "3 articles: 1 exact, 2 new" in said
    assert run("add", "s", "news.jsonl", "--json")[1] == first
    answers = [json.loads(line) for line in first.splitlines()]
    assert [answer["verdict"] for answer in answers] == ["new", "exact", "new"]
    assert answers[0]["mentions"][0]["agency"] == "reuters"
    assert [link["kind"] for link in answers[1]["links"]] == ["repost"]
    info = json.loads(run("info", "s", "--json", "--check")[1])
    assert (info["documents"], info["links"]) == (3, 1)


def test_asking_keeps_nothing(run: Run):
    """A query answers and leaves the store alone; ``--all`` prints what is there."""
    run("add", "s", "news.jsonl")
    Path("more.jsonl").write_text(json.dumps({"id": "d", "text": WORDS}) + "\n")
    status, out, _ = run("query", "s", "more.jsonl", "--json")
    assert status == 0
    assert json.loads(out)["verdict"] == "exact"
    printed = [json.loads(line) for line in run("query", "s", "--all")[1].splitlines()]
    assert printed == NEWS
    assert run("query", "s")[0] == 2
    assert run("query", "nothing", "more.jsonl")[0] == 2


def test_articles_are_erased(run: Run):
    """By identifier, or all that is older than a day."""
    run("add", "s", "news.jsonl", "-q")
    assert "1 articles erased" in run("remove", "s", "a", "--compact")[2]
    assert len(run("query", "s", "--all")[1].splitlines()) == 2
    assert "0 articles erased" in run("remove", "s", "--before", "2020-01-01")[2]
    assert "2 articles erased" in run("remove", "s", "--before", "2100-01-01")[2]
    assert run("remove", "s")[0] == 2
    assert run("remove", "nothing", "a")[0] == 2
    assert not Path("nothing").exists()


def test_a_store_is_compacted_settled_and_rebuilt(run: Run):
    """Keys that are lost come back from the articles."""
    run("add", "s", "news.jsonl")
    status, _, said = run("compact", "s", "--settle")
    assert status == 0
    assert "pairs are judged otherwise now" in said
    assert "3 articles in" in said
    for path in Path("s").glob("run-*"):
        path.unlink()
    status, _, said = run("info", "s")
    assert status == 1
    assert "compact --rebuild" in said
    assert run("compact", "s", "--rebuild")[0] == 0
    assert "exact" in run("add", "s", "news.jsonl")[2]
    out = run("info", "s")[1]
    assert "articles  3 in 2 stories" in out


def test_a_locked_store_is_status_5(run: Run, tmp_path: Path):
    """Another writer is named; asking goes on."""
    run("add", "s", "news.jsonl")
    lock = tmp_path / "s" / "lock"
    from provenance.stores.guarding import WriterLock

    with WriterLock(lock):
        status, _, said = run("add", "s", "news.jsonl")
        assert run("query", "s", "news.jsonl")[0] == 0
    assert status == 5
    assert "is being written by process" in said


def test_other_settings_are_status_6(run: Run):
    """What differs is named, and how to migrate is said."""
    run("add", "s", "news.jsonl")
    status, _, said = run("add", "s", "--set", "index.bands=32", "news.jsonl")
    assert status == 6
    assert "found index.bands=64, expected index.bands=32" in said
    assert "to migrate" in said


def test_the_store_of_another_version_is_status_6(run: Run, monkeypatch: pytest.MonkeyPatch):
    """A format that this program does not write is refused by number."""
    run("add", "s", "news.jsonl")
    monkeypatch.setattr("provenance.stores._statement.FORMAT", 2)
    status, _, said = run("info", "s")
    assert status == 6
    assert "format of the store s: found 1, expected 2" in said


def test_deduplication_against_a_store(run: Run, capfd: pytest.CaptureFixture[str]):
    """What a store holds is dropped, whatever settings it was made with."""
    run("add", "s", "news.jsonl", "-q")
    more = [{"id": "d", "text": WORDS}, {"id": "e", "text": "new words of somebody"}]
    Path("more.jsonl").write_text("".join(json.dumps(item) + "\n" for item in more))
    for options in ((), ("--annotate", "--min-overlap", "0.7"), ("--keep", "longest")):
        with pytest.raises(SystemExit) as left:
            main(["dedupe", "more.jsonl", "--against", "s", *options])
        sys.stdout.flush()
        assert left.value.code == 0
        out, said = capfd.readouterr()
        kept = [json.loads(line) for line in out.splitlines()]
        assert "2 articles, 1 of them copies of others or of 3 known ones" in said
        if options[:1] == ("--annotate",):
            assert kept[0]["_prov"]["group"] == "a"
        else:
            assert [item["id"] for item in kept] == ["e"]
