"""``story`` and ``explain`` read a finished trace back in the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import attrs
import pytest

from provenance.cli.main import main
from provenance.cli.story_view import story_view
from provenance.codec import link_to_record, mention_to_record, story_to_record
from provenance.export.records import write_json, write_lines
from provenance.model import (
    ArticleId,
    Direction,
    DocumentOrigins,
    Edge,
    Evidence,
    Link,
    Mention,
    Node,
    Origin,
    Overlap,
    Story,
)

Run = Callable[..., int]

CREDIT = Evidence(
    type="credit", text="لندن - رويترز", weight=4.0, toward="wire:reuters", doc="n1", span=(0, 13)
)
STORY = Story(
    story="s-5f0c11",
    members=(ArticleId("n1"), ArticleId("n2"), ArticleId("n3")),
    interval=("2024-06-18", "2024-06-19"),
    nodes=(
        Node(node="n1", type="document"),
        Node(node="n2", type="document"),
        Node(node="n3", type="document"),
        Node(node="wire:reuters", type="unobserved", agency="reuters"),
    ),
    edges=(
        Edge(
            parent="wire:reuters",
            child="n1",
            kind="repost",
            probability=0.97,
            evidence=(CREDIT,),
        ),
        Edge(parent="wire:reuters", child="n2", kind="repost", probability=0.9),
        Edge(parent="n1", child="n2", kind="repost", probability=0.6, directed=False),
    ),
    documents=(
        DocumentOrigins(
            id=ArticleId("n1"),
            origins=(Origin(agency="reuters", probability=0.97, basis="own credit"),),
            own_share=0.125,
        ),
        DocumentOrigins(id=ArticleId("n2")),
        DocumentOrigins(id=ArticleId("n3")),
    ),
    independent_sources=2,
)
OTHER = Story(story="s-5f0d22", members=(ArticleId("n4"),))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program beside a finished trace in ``out``, and return its exit status."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    out = tmp_path / "out"
    out.mkdir()
    link = Link(
        a=ArticleId("n1"),
        b=ArticleId("n2"),
        kind="repost",
        related=0.99,
        direction=Direction(a_to_b=0.1, b_to_a=0.1, common_source=0.8),
        overlap=Overlap(jaccard=0.9, containment_a=1.0, containment_b=0.9),
        evidence=(CREDIT,),
    )
    mention = Mention(
        id=ArticleId("n1"),
        agency="reuters",
        role="syndicated_copy",
        zone="dateline",
        span=(0, 13),
        text="لندن - رويترز",
        rule="ar.dateline",
        weight=4.0,
    )
    write_lines(out / "links.jsonl", [link_to_record(link)])
    maybe = attrs.evolve(link, b=ArticleId("n3"), kind="rewrite", related=0.4, evidence=())
    write_lines(out / "possible.jsonl", [link_to_record(maybe)])
    write_lines(out / "mentions.jsonl", [mention_to_record(mention)])
    write_lines(out / "stories.jsonl", map(story_to_record, (STORY, OTHER)))
    write_json(out / "run.json", {})

    def run(*arguments: str) -> int:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        assert isinstance(left.value.code, int)
        return left.value.code

    return run


def bare(text: str) -> str:
    """The text without isolates."""
    return text.replace("\N{FIRST STRONG ISOLATE}", "").replace("\N{POP DIRECTIONAL ISOLATE}", "")


@pytest.mark.parametrize("name", ["s-5f0c11", "s-5f0c", "n3"])
def test_story(run: Run, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """A story is found by its identifier, its beginning or an article, and shown as a tree."""
    assert run("story", "out", name) == 0
    assert bare(capsys.readouterr().out).splitlines() == [
        "s-5f0c11  2024-06-18 to 2024-06-19",
        "3 articles, 2 independent sources",
        "",
        "n3",
        "wire:reuters (not collected)",
        "  n1  repost of wire:reuters, 0.97",
        "      credit: لندن - رويترز (+4.0 for wire:reuters)",
        "    n2  repost, either way, with n1, 0.60",
        "  n2  repost of wire:reuters, 0.90",
        "",
        "whose text each is:",
        "  n1: reuters 0.97 (own credit), 12% its own words",
        "  n2: no credit found in the supplied text, 100% its own words",
        "  n3: no credit found in the supplied text, 100% its own words",
    ]


def test_story_json(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """``--json`` prints the record of the story."""
    assert run("story", "out", "n4", "--json") == 0
    assert json.loads(capsys.readouterr().out) == story_to_record(OTHER)


def test_deep_lineage() -> None:
    """A chain of two thousand copies is shown, each once."""
    names = [f"d{n:04d}" for n in range(2000)]
    story = attrs.evolve(
        STORY,
        members=tuple(map(ArticleId, names)),
        nodes=tuple(Node(node=name, type="document") for name in names),
        edges=tuple(
            Edge(parent=a, child=b, kind="repost", probability=0.9) for a, b in pairwise(names)
        ),
        documents=(),
    )
    assert story_view(story).count("repost") == 1999


def test_explain(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Two articles are explained by their link, their place in the lineage, and their credits."""
    assert run("explain", "out", "n2", "n1") == 0
    out = bare(capsys.readouterr().out)
    assert out.splitlines()[:2] == ["n1  n2", "  repost, related 0.990"]
    assert "  both in story s-5f0c11" in out
    assert "    both from wire:reuters" in out
    assert "  n2 names no source" in out
    assert "    لندن - رويترز  syndicated_copy: reuters, dateline [0, 13]" in out


def test_explain_what_is_possible(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A pair that is only possible is shown as that."""
    assert run("explain", "out", "n1", "n3") == 0
    out = bare(capsys.readouterr().out)
    assert out.splitlines()[:2] == ["n1  n3", "  rewrite, related 0.400"]
    assert "  only possible, so no part of any story" in out
    assert run("explain", "out", "n1", "n3", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert (record["link"], record["possible"]["related"]) == (None, 0.4)


def test_explain_without_link(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no link, it says so, and which stories the two are in."""
    assert run("explain", "out", "n1", "n4") == 0
    out = capsys.readouterr().out
    assert "no link of their own" in out
    assert "in different stories: s-5f0c11, s-5f0d22" in out
    assert run("explain", "out", "n1", "n4", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["link"] is None
    assert record["stories"] == ["s-5f0c11", "s-5f0d22"]
    assert [mention["id"] for mention in record["mentions"]] == ["n1"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("story", "out", "s-5f0"), "2 stories begin with 's-5f0': s-5f0c11, s-5f0d22"),
        (("story", "out", "x"), "no story and no article 'x'"),
        (("explain", "out", "n1", "x"), "no story and no article 'x'"),
        (("explain", "out", "n1", "s-5f0c11"), "no article 's-5f0c11'"),
        (("story", "nowhere", "n1"), "nowhere holds no finished trace"),
    ],
)
def test_usage(
    run: Run, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], complaint: str
) -> None:
    """What is not there is wrong usage, and is named."""
    assert run(*arguments) == 2
    assert complaint in capsys.readouterr().err


def test_damaged_record(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged record is told with its file and line."""
    with Path("out/stories.jsonl").open("a") as stream:
        stream.write('{"story": "x"}\n')
    assert run("story", "out", "nothing") == 1
    assert "stories.jsonl:3: not a record of a trace" in capsys.readouterr().err
