"""``provenance attribute``: what articles say about their sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from provenance.cli.options import common_options, input_options, json_option
from provenance.cli.session import Session

if TYPE_CHECKING:
    from provenance.cli.intake import Intake
    from provenance.model import Article, Mention

__all__ = ["attribute_command"]


@click.command("attribute", short_help="The sources that articles name.")
@input_options(required=False)
@click.option("--text", metavar="STRING", help="Read this text instead of files.")
@click.option("--language", metavar="TAG", default="", help="Language of all texts, as BCP 47.")
@json_option
@common_options
def attribute_command(
    session: Session, *, intake: Intake, text: str | None, language: str, as_json: bool
) -> None:
    """Show the sources that articles name: agencies, credits, quoted outlets.

    Needs no corpus: every article is read on its own.  With --json, one mention a line.
    """
    if (text is None) == (not intake.inputs):
        msg = "give either INPUT... or --text STRING"
        raise click.UsageError(msg)
    for article, mentions in _read(session, intake, text, language):
        if as_json:
            _print_records(mentions)
        else:
            _print_view(article, mentions)
    intake.settle()


def _read(
    session: Session, intake: Intake, text: str | None, language: str
) -> Iterator[tuple[Article, Sequence[Mention]]]:
    from provenance.engine.crediting import attribute
    from provenance.model import Article, ArticleId

    if text is not None:
        article = Article(id=ArticleId("text"), text=text)
        yield article, attribute(article, language=language)
        return
    for article in intake.articles():
        yield article, attribute(article, language=language)
    session.detail(f"{intake.read:,} articles read")


def _print_records(mentions: Sequence[Mention]) -> None:
    from provenance.codec import mention_to_record
    from provenance.export.records import dump_json

    for mention in mentions:
        click.echo(dump_json(mention_to_record(mention)))


def _print_view(article: Article, mentions: Sequence[Mention]) -> None:
    from provenance.cli.views import mention_view

    click.echo(mention_view(article, mentions))
