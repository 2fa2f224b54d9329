"""A trace on disk: the records, the PROV document, the page, and how the run was made."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from provenance.codec import link_to_record, mention_to_record, story_to_record
from provenance.export.prov_json import render_prov
from provenance.export.records import write_json, write_lines, write_text
from provenance.model import Article, ArticleId, Link, Mask, Mention, Story
from provenance.report.page import render_report

__all__ = ["write_trace"]


def write_trace(
    directory: Path,
    *,
    articles: Sequence[Article],
    links: Sequence[Link],
    possible: Sequence[Link],
    mentions: Sequence[Mention],
    stories: Sequence[Story],
    masks: Mapping[ArticleId, Sequence[Mask]],
    run: Mapping[str, Any],
) -> None:
    """Write `links`, `possible`, `mentions`, `stories`, `lineage.prov`, `report` and `run` into `directory`.

    Each file is written beside its final name and renamed when complete.  ``run.json`` comes last:
    where it stands, the trace is whole.
    """
    directory.mkdir(parents=True, exist_ok=True)
    done = directory / "run.json"
    done.unlink(missing_ok=True)
    write_lines(directory / "links.jsonl", map(link_to_record, links))
    write_lines(directory / "possible.jsonl", map(link_to_record, possible))
    write_lines(directory / "mentions.jsonl", map(mention_to_record, mentions))
    write_lines(directory / "stories.jsonl", map(story_to_record, stories))
    write_json(directory / "lineage.prov.json", render_prov(stories, articles))
    page = render_report(
        articles=articles, links=links, mentions=mentions, stories=stories, masks=masks, run=run
    )
    write_text(directory / "report.html", page)
    made = {"provenance": version("news-provenance"), "python": platform.python_version()}
    write_json(done, {**made, **run})
