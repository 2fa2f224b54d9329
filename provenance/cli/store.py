"""``provenance store``: articles that come one by one, and are held against all that came before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    from provenance.engine.observing import Observation
    from provenance.engine.tracking import Tracker

__all__ = ["store_group"]

#: Articles observed at once: a commit's worth, and another is prepared meanwhile.
_BATCH = 4000

_path = click.argument("path", metavar="PATH")


@click.group("store", short_help="Articles one by one, against all that came before.")
def store_group() -> None:
    """Keep articles, and say of each new one what was seen before it.

    PATH is a folder, or the address of a server's store.  One process writes to a store, others may ask it meanwhile.
    """


@store_group.command("add", short_help="Observe articles, and keep them.")
@_path
@input_options()
@click.option(
    "--attribute/--no-attribute",
    default=None,
    help="Read credits, furniture and dates too (a new store: yes; later: as it was made).",
)
@catalogue_option
@json_option
@profile_options
@common_options
def add_command(
    session: Session,
    *,
    path: str,
    intake: Intake,
    settle: Callable[..., Profile],
    attribute: bool | None,
    catalogue: Path | None,
    as_json: bool,
) -> None:
    """Observe articles, and keep them in the store at PATH, which is made where there is none.

    An article that is there already, under the same identifier and unchanged, is not kept twice and
    gets the same answer.  With --json, one answer a line.
    """
    with _open(session, path, settle(), attribute=attribute, catalogue=catalogue) as tracker:
        _answer(session, intake, tracker.observe_many, as_json=as_json)
    intake.settle()


@store_group.command("query", short_help="Ask what is known of articles, and keep nothing.")
@_path
@input_options(required=False)
@click.option("--all", "everything", is_flag=True, help="Print all articles of the store.")
@json_option
@profile_options
@common_options
def query_command(
    session: Session,
    *,
    path: str,
    intake: Intake,
    settle: Callable[..., Profile],
    everything: bool,
    as_json: bool,
) -> None:
    """Say what the store at PATH knows of articles, and keep nothing.

    Another process may write meanwhile.  With --json, one answer a line.
    """
    if everything == bool(intake.inputs):
        msg = "give either INPUT... or --all"
        raise click.UsageError(msg)
    with _open(session, path, settle(), readonly=True) as tracker:
        if everything:
            from provenance.codec import article_to_record
            from provenance.export.records import dump_json

            for article in tracker.articles():
                click.echo(dump_json(article_to_record(article)))
            return
        _answer(session, intake, tracker.query_many, as_json=as_json)
    intake.settle()


@store_group.command("remove", short_help="Erase articles and all that was derived from them.")
@_path
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option(
    "--before",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Erase what was observed before this day (UTC).",
)
@click.option("--compact", is_flag=True, help="Have their keys gone at once, too.")
@profile_options
@common_options
def remove_command(
    session: Session,
    *,
    path: str,
    ids: Sequence[str],
    before: datetime | None,
    compact: bool,
    settle: Callable[..., Profile],
) -> None:
    """Erase articles from the store at PATH, with their links, mentions and older versions."""
    if bool(ids) == bool(before):
        msg = "give either ID... or --before DATE"
        raise click.UsageError(msg)
    with _open(session, _there(path), settle()) as tracker:
        gone = tracker.expire(before.replace(tzinfo=UTC)) if before else tracker.remove(ids)
        if compact:
            tracker.compact()
    session.note(f"{gone:,} articles erased")


@store_group.command("info", short_help="What a store holds.")
@_path
@click.option("--check", is_flag=True, help="Read all of it, and look for damage.")
@json_option
@profile_options
@common_options
def info_command(
    session: Session,
    *,
    path: str,
    check: bool,
    as_json: bool,
    settle: Callable[..., Profile],
) -> None:
    """Say what the store at PATH holds, and how large it is."""
    with _open(session, path, settle(), readonly=True) as tracker:
        if check:
            tracker.check()
        info = tracker.info()
    if as_json:
        from provenance.export.records import dump_json

        click.echo(dump_json(dict(info)))
    else:
        click.echo(_info_view(info))


@store_group.command("compact", short_help="Bring a store into its smallest and fastest form.")
@_path
@click.option("--settle", "anew", is_flag=True, help="Judge all pairs again, as a batch would.")
@click.option("--rebuild", is_flag=True, help="Make all keys anew from the articles.")
@profile_options
@common_options
def compact_command(
    session: Session, *, path: str, anew: bool, rebuild: bool, settle: Callable[..., Profile]
) -> None:
    """Bring the store at PATH into its smallest and fastest form."""
    with _open(session, _there(path), settle(), rebuild=rebuild) as tracker:
        if anew:
            session.note(f"{tracker.settle():,} pairs are judged otherwise now")
        if not rebuild:
            tracker.compact()
        info = tracker.info()
    session.note(f"{info['documents']:,} articles in {info['bytes']:,} bytes")


def _there(path: str) -> str:
    from provenance.engine.stored import is_store

    if not is_store(path):
        msg = f"there is no store at {path}"
        raise click.UsageError(msg)
    return path


@contextmanager
def _open(session: Session, path: str, profile: Profile, **options: Any) -> Iterator[Tracker]:
    from provenance.engine.compiling import announce_compiling
    from provenance.engine.tracking import Tracker

    announce_compiling(session.note)
    with closing(Tracker.open(path, profile=profile, **options)) as tracker:
        yield tracker


def _answer(
    session: Session,
    intake: Intake,
    ask: Callable[..., list[Observation]],
    *,
    as_json: bool,
) -> None:
    """Put articles to a tracker, and print what it says or how often it says what."""
    counts: dict[str, int] = {}
    articles = intake.articles()
    while batch := list(islice(articles, _BATCH)):
        for seen in ask(batch):
            counts[seen.verdict] = counts.get(seen.verdict, 0) + 1
            if as_json:
                _print_record(seen)
    total = sum(counts.values())
    said = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(counts.items()))
    session.note(f"{total:,} articles: {said}" if total else "no articles")


def _print_record(seen: Observation) -> None:
    from provenance.codec import link_to_record, mention_to_record
    from provenance.export.records import dump_json

    record = {
        "id": seen.id,
        "verdict": seen.verdict,
        "story": seen.story,
        "links": [link_to_record(link) for link in seen.links],
        "mentions": [mention_to_record(mention) for mention in seen.mentions],
    }
    click.echo(dump_json(record))


def _info_view(info: Mapping[str, Any]) -> str:
    def day(milliseconds: int) -> str:
        return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M}"

    lines = [
        f"articles  {info['documents']:,} in {info['stories']:,} stories",
        f"links     {info['links']:,}",
    ]
    if info["documents"]:
        lines.append(f"observed  {day(info['first_observed'])} to {day(info['last_observed'])} UTC")
    lines.append(
        f"bytes     {info['bytes']:,}: {info['content_bytes']:,} articles, "
        f"{info['run_bytes']:,} keys in {info['runs']} runs"
    )
    return "\n".join(lines)
