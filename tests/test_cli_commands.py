"""``trace``, ``attribute`` and ``compare`` hand the right things to the engine and print its answer."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from provenance.attribution.sources import Standing
from provenance.cli.main import main
from provenance.codec import link_to_record
from provenance.engine.crediting import Credits
from provenance.model import Article, ArticleId, Direction, Link, Mention, Overlap

TEXT = "ساهمت رويترز في هذا المقال."

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program in an empty folder and return its exit status."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run(*arguments: str | Path, stdin: bytes = b"") -> int:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as left:
            main(list(map(str, arguments)))
        assert isinstance(left.value.code, int)
        return left.value.code

    return run


def fake(monkeypatch: pytest.MonkeyPatch, name: str, **members: Any) -> None:
    module = ModuleType(f"provenance.{name}")
    for member, value in members.items():
        setattr(module, member, value)
    monkeypatch.setitem(sys.modules, module.__name__, module)


@attrs.frozen(kw_only=True)
class FakeTrace:
    """What a run would have found."""

    run: dict[str, Any]

    def write(self, directory: Path) -> None:
        (directory / "run.json").write_text(json.dumps(self.run))


@pytest.fixture
def traced(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Put an engine in place that counts; return what it was given."""
    given: dict[str, Any] = {}

    def trace(articles: list[Article], **options: Any) -> FakeTrace:
        given.update(options, articles=articles)
        options["progress"]("match", 1, 2)
        counts = {"articles": len(articles), "links": 1200, "mentions": 0, "stories": 1}
        return FakeTrace(run={"counts": counts})

    fake(monkeypatch, "engine.batch", trace=trace)
    return given


def test_trace(run: Run, traced: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    """``trace`` hands over articles and settings, writes the folder, and sums up on stderr."""
    data = b'{"id":"1","content":"a"}\n{"id":"2","content":"b"}\nbad\n'
    status = run(
        *("trace", "-", "-o", "out", "--map", "text=content", "--kinds", "repost, update"),
        *("--jobs", "2", "--set", "story.max_days=3", "--max-errors", "0"),
        stdin=data,
    )
    assert status == 3
    assert [article.id for article in traced["articles"]] == ["1", "2"]
    assert traced["kinds"] == ["repost", "update"]
    assert traced["jobs"] == 2
    assert traced["profile"].story.max_days == 3
    told = json.loads(Path("out/run.json").read_text())["input"]
    assert len(told.pop("digest")) == 32
    assert told == {"given": ["-"], "files": 1, "read": 2, "rejected": {"not JSON": 1}}
    out, err = capfd.readouterr()
    assert out == ""
    assert "2 articles, 1,200 links, 0 mentions, 1 stories" in err
    assert str(Path("out/report.html")) in err


def test_input_digest(run: Run, traced: dict[str, Any]) -> None:
    """The digest of the input is that of its bytes, from a file or a pipe; a byte changes it."""

    def digest(*inputs: str, stdin: bytes = b"") -> str:
        assert run("trace", *inputs, "-o", "out", "--format", "jsonl", stdin=stdin) == 0
        Path("out/run.json").rename("run.json")
        Path("out").rmdir()
        found: str = json.loads(Path("run.json").read_text())["input"]["digest"]
        return found

    line = b'{"text":"a"}\n' * 5000
    Path("a.jsonl").write_bytes(line)
    Path("b.jsonl").write_bytes(line + b" ")
    one = digest("a.jsonl")
    assert one == digest("-", stdin=line)
    assert (
        len({one, digest("b.jsonl"), digest("a.jsonl", "b.jsonl"), digest("b.jsonl", "a.jsonl")})
        == 4
    )


def test_trace_json(run: Run, traced: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    """``--json`` prints the account of the run."""
    assert run("trace", "-", "-o", "out", "--json", "-q", stdin=b'{"text":"a"}\n') == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["counts"]["links"] == 1200
    assert err == ""
    assert traced["kinds"] is None
    assert traced["jobs"] >= 1


@pytest.mark.parametrize("options", [("--kinds", "repost,copy"), ("--jobs", "-1"), ()])
def test_trace_usage(run: Run, traced: dict[str, Any], options: tuple[str, ...]) -> None:
    """Unknown kinds, impossible numbers and a missing folder are wrong usage."""
    arguments = ("-o", "out", *options) if options else ()
    assert run("trace", "-", *arguments, stdin=b'{"text":"a"}\n') == 2
    assert not traced


@pytest.fixture
def credited(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that takes every article's first word for a credit."""

    def read_credits(article: Article, *, language: str, catalogue: None) -> Credits:
        words = article.text.partition(" ")[0]
        mentions = (
            Mention(
                id=article.id,
                agency=None,
                role="generic_agencies",
                zone="lead",
                span=(0, len(words)),
                text=words,
                rule="test",
                weight=1.0,
                language=language,
            ),
        )
        return Credits(mentions=mentions, standing=Standing())

    fake(monkeypatch, "engine.crediting", read_credits=read_credits)


def test_attribute_json(run: Run, credited: None, capfd: pytest.CaptureFixture[str]) -> None:
    """``attribute --json`` prints one mention a line, in the form of mentions.jsonl."""
    assert run("attribute", "--text", TEXT, "--language", "ar", "--json") == 0
    [line] = capfd.readouterr().out.splitlines()
    assert json.loads(line) == {
        "id": "text",
        "agency": None,
        "role": "generic_agencies",
        "zone": "lead",
        "span": [0, 5],
        "text": "ساهمت",
        "rule": "test",
        "weight": 1.0,
        "language": "ar",
    }


def test_attribute_view(run: Run, credited: None, capfd: pytest.CaptureFixture[str]) -> None:
    """``attribute`` shows the credits of every article, without escapes where no terminal is."""
    assert run("attribute", "-", stdin=b'{"id":"1","text":"(AP) x"}\n{"id":"2","text":"y z"}') == 0
    out = capfd.readouterr().out
    assert "⟦(AP)⟧ x" in out
    assert "⟦y⟧ z" in out
    assert "\x1b" not in out


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[Article]:
    """An engine for which texts that begin alike are copies; return what it was given."""
    given: list[Article] = []

    def compare(a: Article, b: Article, *, profile: object) -> Link | None:
        given[:] = [a, b]
        if a.text[0] != b.text[0]:
            return None
        return Link(
            a=min(a.id, b.id),
            b=max(a.id, b.id),
            kind="repost",
            related=1.0,
            direction=Direction(a_to_b=0.5, b_to_a=0.5, common_source=0.0),
            overlap=Overlap(jaccard=1.0, containment_a=1.0, containment_b=1.0),
        )

    def render_pair(link: Link | None, a: Article, b: Article, mentions: list[str]) -> str:
        return f"{link.kind if link else None} {a.id} {b.id} {mentions}"

    fake(monkeypatch, "engine.crediting", attribute=lambda article: [f"by {article.id}"])
    fake(monkeypatch, "engine.comparing", compare=compare)
    fake(monkeypatch, "report.pair", render_pair=render_pair)
    return given


def test_compare_files(
    run: Run, compared: list[Article], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """``compare`` takes two files; files of one name are told apart by their paths."""
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt").write_text("same")
    assert run("compare", "old/x.txt", "new/x.txt", "--html", "pair.html") == 0
    assert [article.id for article in compared] == ["old/x.txt", "new/x.txt"]
    out, err = capfd.readouterr()
    assert out.splitlines()[1].strip() == "repost, related 1.000"
    assert err == "page: pair.html\n"
    page = (tmp_path / "pair.html").read_text()
    assert page == "repost new/x.txt old/x.txt ['by new/x.txt', 'by old/x.txt']"


def test_compare_ids(
    run: Run, compared: list[Article], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """``compare --in`` takes two identifiers of a corpus, in any order."""
    corpus = tmp_path / "news.jsonl"
    corpus.write_text('{"id":"1","text":"xa"}\n{"id":"2","text":"xb"}\n{"id":"3","text":"y"}\n')
    assert run("compare", "2", "1", "--in", corpus, "--json") == 0
    link = json.loads(capfd.readouterr().out)
    assert (link["a"], link["b"], link["kind"]) == ("1", "2", "repost")
    assert link.keys() == link_to_record(_any_link()).keys()
    assert run("compare", "1", "3", "--in", corpus, "--json") == 0
    assert json.loads(capfd.readouterr().out) is None
    assert run("compare", "1", "3", "--in", corpus) == 0
    assert "nothing ties them" in capfd.readouterr().out
    assert run("compare", "1", "9", "--in", corpus) == 2
    assert "no article '9' among 3" in capfd.readouterr().err


def test_compare_usage(
    run: Run, compared: list[Article], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A file of several articles, or an identifier without its file, is told how to be given."""
    corpus = tmp_path / "news.jsonl"
    corpus.write_text('{"id":"1","text":"xa"}\n{"id":"2","text":"xb"}\n')
    assert run("compare", corpus, corpus) == 2
    assert "holds 2 articles; give --in" in capfd.readouterr().err
    assert run("compare", "1", "2") == 2
    assert "give --in FILE if '1' is an identifier" in capfd.readouterr().err


def _any_link() -> Link:
    return Link(
        a=ArticleId("1"),
        b=ArticleId("2"),
        kind="repost",
        related=1.0,
        direction=Direction(a_to_b=0.0, b_to_a=0.0, common_source=1.0),
        overlap=Overlap(jaccard=0.0, containment_a=0.0, containment_b=0.0),
    )
