"""``provenance export``: a finished trace in the formats of other programs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provenance.cli.options import common_options
from provenance.cli.session import Session

if TYPE_CHECKING:
    from provenance.cli.findings import Findings

__all__ = ["export_command"]


@click.command("export", short_help="A finished trace as GraphML, DOT, CSV or JSON-LD.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["graphml", "dot", "csv", "jsonld"]),
    required=True,
    help="GraphML, Graphviz, a table, or schema.org as JSON-LD.",
)
@click.option(
    "--table",
    type=click.Choice(["edges", "mentions", "habits"]),
    default="edges",
    show_default=True,
    help="Rows of the CSV table; habits: what outlets do with credits.",
)
@click.option(
    "--story", "name", help="Only this story: its identifier, its beginning, or an article."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File to write; standard output where left out.",
)
@common_options
def export_command(
    _session: Session,
    *,
    folder: Path,
    format_: str,
    table: str,
    name: str | None,
    output: Path | None,
) -> None:
    """Write a finished trace in the format of another program.

    DIR was written by trace.  PROV-JSON stands in it already, as lineage.prov.json.
    """
    from provenance.cli.findings import Findings

    findings = Findings(folder=folder)
    lines = _render(findings, format_, table, name)
    if output is None:
        for line in lines:
            click.echo(line, nl=False)
    else:
        from provenance.export.records import write_text

        write_text(output, "".join(lines))


def _render(findings: Findings, format_: str, table: str, name: str | None) -> Iterable[str]:
    stories = [findings.story(name)] if name else list(findings.stories())
    members = {member for story in stories for member in story.members}
    mentions = (mention for mention in findings.mentions() if mention.id in members)
    if format_ == "csv":
        from provenance.export.tables import render_edges, render_habits, render_mentions
        from provenance.lineage.habits import count_habits

        if table == "edges":
            return render_edges(stories)
        if table == "mentions":
            return render_mentions(mentions)
        return render_habits(count_habits(stories, findings.articles(), mentions))
    articles = findings.articles()
    if format_ == "jsonld":
        from provenance.export.jsonld import render_jsonld
        from provenance.export.records import dump_json

        return [dump_json(render_jsonld(stories, articles, mentions)).decode() + "\n"]
    from provenance.export.graphs import render_dot, render_graphml

    return [(render_graphml if format_ == "graphml" else render_dot)(stories, articles)]
