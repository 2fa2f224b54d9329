"""``provenance attribute``: what articles say about their sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provenance.cli.options import catalogue_option, common_options, input_options, json_option
from provenance.cli.session import Session

if TYPE_CHECKING:
    from provenance.cli.intake import Intake
    from provenance.engine.crediting import Credits
    from provenance.model import Article, Mention

__all__ = ["attribute_command"]


@click.command("attribute", short_help="The sources that articles name.")
@input_options(required=False)
@click.option("--text", metavar="STRING", help="Read this text instead of files.")
@click.option("--language", metavar="TAG", default="", help="Language of all texts, as BCP 47.")
@catalogue_option
@json_option
@common_options
def attribute_command(
    session: Session,
    *,
    intake: Intake,
    text: str | None,
    language: str,
    catalogue: Path | None,
    as_json: bool,
) -> None:
    """Show the sources that articles name: agencies, credits, quoted outlets.

    Needs no corpus: every article is read on its own.  The line below an article's name says
    what its credits come to.  With --json, one mention a line.
    """
    if (text is None) == (not intake.inputs):
        msg = "give either INPUT... or --text STRING"
        raise click.UsageError(msg)
    for article, found in _read(session, intake, text, language, catalogue):
        if as_json:
            _print_records(found.mentions)
        else:
            _print_view(article, found)
    intake.settle()


def _read(
    session: Session, intake: Intake, text: str | None, language: str, catalogue: Path | None
) -> Iterator[tuple[Article, Credits]]:
    from provenance.engine.crediting import read_credits
    from provenance.model import Article, ArticleId

    if text is not None:
        article = Article(id=ArticleId("text"), text=text)
        yield article, read_credits(article, language=language, catalogue=catalogue)
        return
    for article in intake.articles():
        yield article, read_credits(article, language=language, catalogue=catalogue)
    session.detail(f"{intake.read:,} articles read")


def _print_records(mentions: Sequence[Mention]) -> None:
    from provenance.codec import mention_to_record
    from provenance.export.records import dump_json

    for mention in mentions:
        click.echo(dump_json(mention_to_record(mention)))


def _print_view(article: Article, found: Credits) -> None:
    from provenance.cli.standing_view import standing_lines
    from provenance.cli.views import mention_view

    click.echo(mention_view(article, found.mentions, standing_lines(found)))
