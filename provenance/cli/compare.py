"""``provenance compare``: two articles side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from provenance.cli.options import check_target, common_options, json_option, profile_options
from provenance.cli.session import Session

if TYPE_CHECKING:
    from provenance.config import Profile
    from provenance.model import Article, Link

__all__ = ["compare_command"]


@click.command("compare", short_help="How two articles relate, why, and where.")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option(
    "--in",
    "corpora",
    metavar="FILE",
    multiple=True,
    help="Take A and B for identifiers of articles in this file or folder.",
)
@click.option(
    "--html",
    metavar="FILE",
    callback=check_target,
    help="Write both texts side by side to this page.",
)
@profile_options
@json_option
@common_options
def compare_command(
    session: Session,
    *,
    a: str,
    b: str,
    corpora: Sequence[str],
    html: str | None,
    settle: Callable[..., Profile],
    as_json: bool,
) -> None:
    """Show how two articles relate, why, and where.

    A and B are files of one article each, or identifiers of articles in the FILE of --in.  With
    --json, the link as one object, or null.
    """
    profile = settle()
    first, second = _from_corpora(session, corpora, a, b) if corpora else _from_files(a, b)

    from provenance.engine.comparing import compare
    from provenance.engine.compiling import announce_compiling

    announce_compiling(session.note)

    link = compare(first, second, profile=profile)
    if link is not None and link.a == second.id:
        first, second = second, first
    if as_json:
        _print_record(link)
    else:
        _print_view(link, first, second)
    if html:
        from provenance.engine.crediting import attribute
        from provenance.export.records import write_text
        from provenance.report.pair import render_pair

        mentions = [*attribute(first), *attribute(second)]
        write_text(html, render_pair(link, first, second, mentions))
        session.note(f"page: {html}")


def _from_files(a: str, b: str) -> tuple[Article, Article]:
    import attrs

    from provenance.model import ArticleId

    first, second = _only_article(a), _only_article(b)
    if first.id == second.id:
        # Two folders may hold files of one name: their paths tell them apart.
        first = attrs.evolve(first, id=ArticleId(a))
        second = attrs.evolve(second, id=ArticleId(b if a != b else f"{b} (again)"))
    return first, second


def _only_article(path: str) -> Article:
    from provenance.errors import InputError
    from provenance.ingest.reading import read_articles

    try:
        articles = read_articles(path)
    except InputError as error:
        msg = f"{error}; give --in FILE if {path!r} is an identifier"
        raise click.UsageError(msg) from error
    found = list(articles)
    if len(found) != 1:
        msg = f"{path} holds {len(found)} articles; give --in {path} and two identifiers"
        raise click.UsageError(msg)
    return found[0]


def _from_corpora(
    session: Session, corpora: Sequence[str], a: str, b: str
) -> tuple[Article, Article]:
    from provenance.cli.intake import Intake

    with Intake(session=session, inputs=corpora) as intake:
        found = {article.id: article for article in intake.articles() if article.id in (a, b)}
    missing = [name for name in (a, b) if name not in found]
    if missing:
        msg = f"no article {missing[0]!r} among {intake.read:,} in {', '.join(corpora)}"
        raise click.UsageError(msg)
    by_name = {str(name): article for name, article in found.items()}
    return by_name[a], by_name[b]


def _print_record(link: Link | None) -> None:
    from provenance.codec import link_to_record
    from provenance.export.records import dump_json

    click.echo(dump_json(link_to_record(link) if link else None))


def _print_view(link: Link | None, a: Article, b: Article) -> None:
    from provenance.cli.views import isolate, link_view

    if link is None:
        click.echo(f"{isolate(a.id)}  {isolate(b.id)}\n  nothing ties them")
    else:
        click.echo(link_view(link, (a.text, b.text)))
