"""``provenance dedupe``: one copy of everything."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import click

from provenance.cli.options import check_target, common_options, input_options, profile_options
from provenance.cli.session import Session

if TYPE_CHECKING:
    from provenance.cli.intake import Intake
    from provenance.config import Profile
    from provenance.engine.deduping import Keep
    from provenance.model import Article

__all__ = ["dedupe_command"]

_DUPLICATES_FOUND = 4


@click.command("dedupe", short_help="One copy of every article, in input order and format.")
@input_options()
@click.option(
    "-o",
    "--output",
    "output",
    metavar="OUT",
    default="-",
    callback=check_target,
    help="File for what is kept (for texts a folder); standard output where left out.",
)
@click.option(
    "--keep",
    type=click.Choice(["first", "earliest", "longest"]),
    default="first",
    show_default=True,
    help="Which copy stays: first in the input, earliest by `published`, or longest.",
)
@click.option(
    "--annotate",
    is_flag=True,
    help="Remove nothing; add a key _prov that says what each record is a copy of.",
)
@click.option(
    "--removed",
    metavar="FILE",
    callback=check_target,
    help="Write what is removed to this file, with _prov.",
)
@click.option(
    "--min-overlap",
    metavar="X",
    type=click.FloatRange(0, 1, min_open=True),
    help="Share of each text that must stand in the other (verify.whole; 0.8).",
)
@click.option("--exit-code", is_flag=True, help="Leave with status 4 if there are duplicates.")
@profile_options
@common_options
def dedupe_command(
    session: Session,
    *,
    intake: Intake,
    settle: Callable[..., Profile],
    output: str,
    keep: Keep,
    annotate: bool,
    removed: str | None,
    min_overlap: float | None,
    exit_code: bool,
) -> None:
    """Keep one copy of every article, in input order and input format.

    Records that are kept are written byte for byte.  Articles are copies of each other if each holds
    most of the other's words in the same order; excerpts, rewrites and updates are all kept.
    """
    if annotate and removed:
        msg = "--annotate removes nothing, so that there is nothing for --removed"
        raise click.UsageError(msg)
    overlap = () if min_overlap is None else (f"verify.whole={min_overlap}",)
    profile = settle(*overlap)

    from provenance.engine.compiling import announce_compiling

    announce_compiling(session.note)
    with _rereadable(intake):
        articles = [_lean(article) for article in intake.articles()]
        notes, kept = _judge(articles, keep, profile)
        _write(intake, notes, kept, output=output, annotate=annotate, removed=removed)
    duplicates = len(articles) - len(kept)
    session.note(f"{len(articles):,} articles, {duplicates:,} of them copies of others")
    intake.settle()
    if exit_code and duplicates:
        raise click.exceptions.Exit(_DUPLICATES_FOUND)


def _lean(article: Article) -> Article:
    """Other people's keys are read a second time when they are written; until then, no memory."""
    import attrs

    return attrs.evolve(article, extra={}) if article.extra else article


def _judge(
    articles: Sequence[Article], keep: Keep, profile: Profile
) -> tuple[Iterator[dict[str, Any]], set[int]]:
    """Return what is to be said about each article, and the numbers of those that stay."""
    from provenance.engine.deduping import choose_kept, find_groups

    groups = find_groups([article.text for article in articles], profile=profile)
    chosen = choose_kept(articles, groups, keep)
    sizes = Counter(groups)
    notes = (
        {"group": articles[chosen[group]].id, "kept": chosen[group] == n, "size": sizes[group]}
        for n, group in enumerate(groups)
    )
    return notes, set(chosen.values())


def _write(
    intake: Intake,
    notes: Iterator[dict[str, Any]],
    kept: set[int],
    *,
    output: str,
    annotate: bool,
    removed: str | None,
) -> None:
    from provenance.cli.rewriting import open_output

    sources = intake.sources()
    with ExitStack() as stack:

        def opened(target: str, *, annotated: bool) -> Any:
            return stack.enter_context(
                open_output(target, sources, annotated=annotated, stdin=intake.stdin)
            )

        out = opened(output, annotated=annotate)
        rest = opened(removed, annotated=True) if removed else None
        for number, (record, note) in enumerate(zip(intake.reread(), notes, strict=True)):
            if annotate:
                out.write(record, note)
            elif number in kept:
                out.write(record)
            elif rest is not None:
                rest.write(record, note)


@contextmanager
def _rereadable(intake: Intake) -> Iterator[None]:
    """Two passes are made; standard input can be read only once, so it is put aside on disk."""
    if "-" not in intake.inputs:
        yield
        return
    with TemporaryFile() as spool:
        shutil.copyfileobj(intake.stdin or sys.stdin.buffer, spool)
        intake.stdin = spool
        yield
