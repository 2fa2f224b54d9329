"""Documentation that cannot lie: links lead somewhere, examples run, the README commands are whole."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("seeds/*.md")])


def blocks(page, language):
    """Code blocks of a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    """Every relative link of a page, and every page named in its text, exists."""
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (page.parent / target).exists(), target
    for target in re.findall(r"`((?:docs|seeds|benchmarks|provenance)/[\w./-]+\.\w+)`", text):
        assert (ROOT / target).exists(), target


def test_every_page_of_the_docs_is_reachable_from_the_readme():
    """The README links each page under ``docs``."""
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)\)", (ROOT / "README.md").read_text("utf-8")))
    assert linked == {f"docs/{page.name}" for page in ROOT.glob("docs/*.md")}


def test_the_quick_start_runs(tmp_path, monkeypatch):
    """The Python example of the quick start runs as printed."""
    monkeypatch.chdir(tmp_path)
    (example,) = blocks(ROOT / "docs" / "quickstart.md", "python")
    scope = {}
    exec(example, scope)
    assert (tmp_path / "out" / "run.json").exists()
    assert [article.id for article in scope["kept"]] == ["1"]


def test_the_exchange_with_datasketch_runs():
    """The Python example of the sketch's page runs as printed, there and back."""
    (example,) = blocks(ROOT / "docs" / "sketch.md", "python")
    scope = {}
    exec(example, scope)
    assert scope["signature"].tolist() == scope["sketches"].signatures[0].tolist()


def test_the_readme_holds_the_two_commands():
    """One block traces the sample corpus, one runs the tests; CI reads the second by its mark."""
    text = (ROOT / "README.md").read_text("utf-8")
    first, second = blocks(ROOT / "README.md", "sh")
    assert "provenance trace seeds/articles.jsonl -o out" in first
    assert "pytest" in second
    assert f"<!-- tests -->\n```sh\n{second}```" in text


def test_no_promise_is_larger_than_the_package():
    """Records documented are records written: every role of the model is in the table of roles."""
    from typing import get_args

    from provenance.model import Role

    roles = (ROOT / "docs" / "roles.md").read_text("utf-8")
    assert [role for role in get_args(Role) if f"`{role}`" not in roles] == []
