"""``provenance trace``: the main job."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from provenance.cli.options import (
    catalogue_option,
    common_options,
    input_options,
    json_option,
    profile_options,
)
from provenance.cli.session import Session

if TYPE_CHECKING:
    from provenance.cli.intake import Intake
    from provenance.config import Profile
    from provenance.model import LinkKind

__all__ = ["trace_command"]


def _kinds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> list[str] | None:
    if value is None:
        return None
    from provenance.model import LinkKind

    kinds = [kind.strip() for kind in value.split(",") if kind.strip()]
    for kind in kinds:
        if kind not in get_args(LinkKind):
            msg = f"{kind!r} is not one of {', '.join(get_args(LinkKind))}"
            raise click.BadParameter(msg)
    return kinds


@click.command("trace", short_help="Links, credits, stories and lineage of a corpus.")
@input_options()
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the links, mentions, stories, lineage and report.",
)
@click.option(
    "--kinds",
    metavar="KIND,...",
    callback=_kinds,
    help="Only links of these kinds: repost, excerpt, rewrite, translation, update, same_story.",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    help="Processes to use; as many as there are cores where left out.",
)
@catalogue_option
@profile_options
@json_option
@common_options
def trace_command(
    session: Session,
    *,
    intake: Intake,
    settle: Callable[..., Profile],
    folder: Path,
    kinds: list[LinkKind] | None,
    jobs: int,
    catalogue: Path | None,
    as_json: bool,
) -> None:
    """Find who took what from whom in a corpus, and write it down with the evidence.

    INPUT is a file of articles (.jsonl, .ndjson, .csv, .tsv, .parquet, .txt; also .gz and .zst), a
    folder, a pattern, or - for JSON Lines on standard input.

    DIR gets links.jsonl, possible.jsonl, mentions.jsonl, stories.jsonl, lineage.prov.json, report.html
    and run.json; each appears when it is complete, run.json last.
    """
    profile = settle()
    folder.mkdir(parents=True, exist_ok=True)  # before the work: it may not be allowed
    articles = list(intake.articles())

    import attrs

    from provenance.engine.batch import trace
    from provenance.engine.compiling import announce_compiling

    announce_compiling(session.note)

    found = trace(
        articles,
        profile=profile,
        kinds=kinds,
        jobs=jobs or _cores(),
        progress=session.advance,
        catalogue=catalogue,
    )
    found = attrs.evolve(found, run={**found.run, "input": intake.summary()})
    found.write(folder)
    session.clear()
    if as_json:
        import orjson

        click.echo(orjson.dumps(found.run, option=orjson.OPT_INDENT_2))
    session.note(_summary(found.run, folder))
    intake.settle()


def _cores() -> int:
    """The cores this process may use, which a container makes fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _summary(run: Any, folder: Path) -> str:
    counts = run["counts"]
    told = ", ".join(f"{counts[name]:,} {name}" for name in _COUNTED if name in counts)
    return f"{told}\nreport: {folder / 'report.html'}"


_COUNTED = ("articles", "links", "mentions", "stories")
