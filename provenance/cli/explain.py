"""``provenance explain``: why a finished trace ties two articles, or does not."""

from __future__ import annotations

from pathlib import Path

import click

from provenance.cli.options import common_options, json_option
from provenance.cli.session import Session

__all__ = ["explain_command"]


@click.command("explain", short_help="Why a finished trace ties two articles, or does not.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@json_option
@common_options
def explain_command(_session: Session, *, folder: Path, a: str, b: str, as_json: bool) -> None:
    """Show what ties two articles of a finished trace: the link, its reasons, their credits.

    DIR was written by trace; A and B are identifiers of articles.  With --json, one object with the
    link (or null), the link that is only possible (or null), the identifiers of both stories, and the
    mentions of both articles.
    """
    from provenance.cli.findings import Findings

    findings = Findings(folder=folder)
    stories = [findings.story(name) for name in (a, b)]
    for name, story in zip((a, b), stories, strict=True):
        if name not in story.members:
            msg = f"no article {name!r} in {folder}"
            raise click.UsageError(msg)
    link = next((link for link in findings.links() if {link.a, link.b} == {a, b}), None)
    possible = next((link for link in findings.possible() if {link.a, link.b} == {a, b}), None)
    mentions = [mention for mention in findings.mentions() if mention.id in (a, b)]
    if as_json:
        import orjson

        from provenance.codec import link_to_record, mention_to_record

        record = {
            "link": link_to_record(link) if link else None,
            "possible": link_to_record(possible) if possible else None,
            "stories": [story.story for story in stories],
            "mentions": [mention_to_record(mention) for mention in mentions],
        }
        click.echo(orjson.dumps(record))
        return
    from provenance.cli.story_view import explanation_view

    click.echo(explanation_view(a, b, link, stories, mentions, possible=possible))
