"""Floors on the evaluation data: language, furniture and dates."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provenance.attribution.dating import date_interval
from provenance.attribution.reading import read_mentions
from provenance.model import Article, ArticleId
from provenance.text.furniture import find_furniture
from provenance.text.language import detect_language

DATA = Path(os.environ.get("PROVENANCE_DATA", "/nonexistent"))

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="PROVENANCE_DATA does not name a folder"),
]


def records(name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DATA / name / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def test_language_is_right_in_99_of_100_texts() -> None:
    """Over 200 characters the language is known, in 18 languages and every one of them."""
    right = total = 0
    for record in records("translations"):
        total += 1
        right += detect_language(record["text"]) == record["language"]
    assert right >= 0.99 * total


def test_clean_articles_are_not_masked() -> None:
    """Of clean articles less than a thousandth of the text is masked."""
    masked = total = 0
    for record in records("planted"):
        total += len(record["text"])
        masked += sum(mask.span[1] - mask.span[0] for mask in find_furniture(record["text"]))
    assert masked < 0.001 * total


def test_the_text_does_not_refute_its_day() -> None:
    """Articles of known days: the day stays inside the interval in 999 of 1,000."""
    wrong = total = 0
    for number, record in enumerate(records("reprints")):
        if number % 10 or not record["id"].startswith("2015-07"):
            continue
        day = record["id"].split("#")[0]
        article = Article(id=ArticleId("a"), text=record["text"], published=day)
        total += 1
        wrong += date_interval(article, read_mentions(article)).latest != day
    assert wrong <= 0.001 * total
