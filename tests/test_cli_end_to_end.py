"""The commands with the real engine, on a corpus small enough to be read here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from provenance.cli.main import main

BODY = (
    "افتتح وزير النقل يوم الأحد الجسر الجديد فوق نهر الوادي بعد أربع سنوات من العمل، وقال إن "
    "الكلفة بلغت مئتي مليون دينار وإن الجسر سيختصر الطريق بين الضفتين إلى عشر دقائق. وأضاف أن "
    "المرحلة الثانية من المشروع ستبدأ في الخريف المقبل وتشمل محطتين للحافلات وممرا للمشاة."
)
NEWS = [
    {"id": "first", "publisher": "one", "text": f"الوادي (رويترز) - {BODY}"},
    {"id": "second", "publisher": "two", "text": f"{BODY}\nشارك الخبر"},
    {
        "id": "third",
        "publisher": "three",
        "text": "انقطع التيار مساء الخميس عن أحياء المدينة القديمة.",
    },
    {"id": "fourth", "publisher": "two", "text": "عاجل"},
    {"id": "fifth", "publisher": "three", "text": ""},
]

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program beside ``news.jsonl``, and return its exit status."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    lines = [json.dumps(record, ensure_ascii=False) for record in NEWS]
    (tmp_path / "news.jsonl").write_text("\n".join(lines), "utf-8")

    def run(*arguments: str) -> int:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        assert isinstance(left.value.code, int)
        return left.value.code

    return run


def records(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(name).read_text("utf-8").splitlines()]


def test_trace(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """``trace`` links the copies, names the source, and can be read back."""
    assert run("trace", "news.jsonl", "-o", "out") == 0
    assert {path.name for path in Path("out").iterdir()} == {
        "links.jsonl",
        "possible.jsonl",
        "mentions.jsonl",
        "stories.jsonl",
        "lineage.prov.json",
        "report.html",
        "run.json",
    }
    [link] = [link for link in records("out/links.jsonl") if link["kind"] != "same_story"]
    assert (link["a"], link["b"], link["kind"]) == ("first", "second", "repost")
    assert "reuters" in {mention["agency"] for mention in records("out/mentions.jsonl")}
    members = [name for story in records("out/stories.jsonl") for name in story["members"]]
    assert sorted(members) == sorted(record["id"] for record in NEWS)
    capsys.readouterr()
    assert run("story", "out", "second") == 0
    assert "wire:reuters" in capsys.readouterr().out
    assert run("explain", "out", "first", "second") == 0
    assert "repost" in capsys.readouterr().out


def test_same_bytes(run: Run) -> None:
    """The same articles in another order, with other jobs, give the same records."""
    assert run("trace", "news.jsonl", "-o", "one", "--jobs", "1") == 0
    lines = Path("news.jsonl").read_text("utf-8").splitlines()
    Path("turned.jsonl").write_text("\n".join(reversed(lines)), "utf-8")
    assert run("trace", "turned.jsonl", "-o", "two", "--jobs", "2") == 0
    for name in ("links.jsonl", "mentions.jsonl", "stories.jsonl"):
        assert Path("one", name).read_bytes() == Path("two", name).read_bytes()


def test_dedupe(run: Run) -> None:
    """``dedupe`` removes the copy, and neither the flash nor the empty article."""
    assert run("dedupe", "news.jsonl", "-o", "kept.jsonl", "--removed", "gone.jsonl") == 0
    assert [record["id"] for record in records("kept.jsonl")] == [
        "first",
        "third",
        "fourth",
        "fifth",
    ]
    [gone] = records("gone.jsonl")
    assert gone["_prov"] == {"group": "first", "kept": False, "size": 2}


def test_compare_and_attribute(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """``compare`` shows the shared passage and writes a page; ``attribute`` shows the credit."""
    assert run("compare", "second", "first", "--in", "news.jsonl", "--html", "pair.html") == 0
    out = capsys.readouterr().out
    assert "repost" in out
    assert "افتتح وزير النقل" in out
    assert "المرحلة الثانية" in Path("pair.html").read_text("utf-8")
    assert run("attribute", "news.jsonl") == 0
    assert "⟦" in capsys.readouterr().out
