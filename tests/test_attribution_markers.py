"""The marker grammar: every example is read, every counter-example left alone, and data agree."""

from __future__ import annotations

import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from provenance.attribution.grammar import compile_markers
from provenance.attribution.reading import read_mentions
from provenance.errors import SettingError
from provenance.model import Article, ArticleId, Mention

SOURCE = Path(__file__).parent.parent / "seeds" / "catalogue"


def marker_entries() -> list[tuple[str, dict[str, Any]]]:
    return [
        (path.stem, entry)
        for path in sorted((SOURCE / "markers").glob("*.toml"))
        for entry in tomllib.loads(path.read_text("utf-8")).get("rule", ())
        if path.stem != "families"
    ]


def cases(key: str) -> list[Any]:
    return [
        pytest.param(entry["role"], example, id=f"{entry['id']}-{number}")
        for _, entry in marker_entries()
        for number, example in enumerate(entry.get(key, ()))
    ]


def read(text: str, **fields: str) -> tuple[Mention, ...]:
    return read_mentions(Article(id=ArticleId("a"), text=text, **fields))


@pytest.mark.parametrize(("role", "example"), cases("examples"))
def test_every_example_is_read_in_its_role(role: str, example: str) -> None:
    """An example of a rule is read as what the rule says."""
    assert role in {mention.role for mention in read(example)}


@pytest.mark.parametrize(("role", "example"), cases("counter_examples"))
def test_no_counter_example_is_read_in_the_role(role: str, example: str) -> None:
    """A counter-example of a rule is not read as what the rule says."""
    assert role not in {mention.role for mention in read(example)}


def test_the_packaged_data_are_what_the_sources_say() -> None:
    """Compiling the sources again gives the packaged files, byte for byte."""
    build = runpy.run_path(str(SOURCE.parent / "build_catalogue.py"))
    target = build["TARGET"]
    for name, data in (
        ("catalogue.json", build["build_catalogue"]()),
        ("markers.json", build["build_markers"]()),
    ):
        assert (target / name).read_text("utf-8") == build["_print_json"](data)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"id": "x", "role": "no_role", "pattern": "a"}, "role"),
        ({"id": "x", "role": "photo_credit", "pattern": "<none> AGENCY"}, "no word class"),
        ({"id": "x", "role": "photo_credit", "pattern": "( a | b"}, "missing"),
        ({"id": "x", "role": "photo_credit", "pattern": "a ]"}, "closes nothing"),
        ({"id": "x", "role": "photo_credit", "pattern": ".."}, "no word or agency"),
        ({"id": "x", "role": "photo_credit", "pattern": "a", "colour": 1}, "unknown key"),
        ({"id": "x", "role": "photo_credit", "pattern": "a", "accepts": "all"}, "accepts"),
        ({"id": "x", "role": "photo_credit"}, "no pattern"),
        ({"id": "x", "role": "photo_credit", "regex": "a"}, "triggers or a sight"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any], reason: str) -> None:
    """A faulty rule is named, with what is wrong about it."""
    with pytest.raises(SettingError, match=reason) as caught:
        compile_markers({"language": "en", "rule": [rule]}, "test.toml")
    assert "rule x" in str(caught.value)
