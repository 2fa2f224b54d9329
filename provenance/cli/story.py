"""``provenance story``: a story of a finished trace, in the terminal."""

from __future__ import annotations

from pathlib import Path

import click

from provenance.cli.options import common_options, json_option
from provenance.cli.session import Session

__all__ = ["story_command"]


@click.command("story", short_help="A story of a finished trace, with its lineage.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("name", metavar="STORY")
@json_option
@common_options
def story_command(_session: Session, *, folder: Path, name: str, as_json: bool) -> None:
    """Show who took a story from whom, and how sure that is.

    DIR was written by trace.  STORY is the identifier of a story, its beginning, or an article.
    """
    from provenance.cli.findings import Findings

    story = Findings(folder=folder).story(name)
    if as_json:
        import orjson

        from provenance.codec import story_to_record

        click.echo(orjson.dumps(story_to_record(story)))
        return
    from provenance.cli.story_view import story_view

    click.echo(story_view(story))
