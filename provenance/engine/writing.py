"""A trace on disk: the records, the PROV document, the page, and how the run was made."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.codec import link_to_record, mention_to_record, story_to_record
from provenance.export.prov_json import render_prov
from provenance.export.records import write_json, write_lines, write_text
from provenance.report.page import render_report

if TYPE_CHECKING:
    from provenance.engine.batch import Trace

__all__ = ["write_trace"]


def write_trace(trace: Trace, directory: Path) -> None:
    """Write `links`, `mentions`, `stories`, `lineage.prov`, `report` and `run` into `directory`.

    Each file is written beside its final name and renamed when complete.  ``run.json`` comes last:
    where it stands, the trace is whole.
    """
    directory.mkdir(parents=True, exist_ok=True)
    run = directory / "run.json"
    run.unlink(missing_ok=True)
    write_lines(directory / "links.jsonl", map(link_to_record, trace.links))
    write_lines(directory / "mentions.jsonl", map(mention_to_record, trace.mentions))
    write_lines(directory / "stories.jsonl", map(story_to_record, trace.stories))
    write_json(directory / "lineage.prov.json", render_prov(trace.stories, trace.articles))
    write_text(
        directory / "report.html",
        render_report(
            articles=trace.articles,
            links=trace.links,
            mentions=trace.mentions,
            stories=trace.stories,
            masks=trace.masks,
            run=trace.run,
        ),
    )
    write_json(
        run,
        {
            "provenance": version("news-provenance"),
            "python": platform.python_version(),
            **trace.run,
        },
    )
