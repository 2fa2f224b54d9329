"""``provenance dedupe``: one copy of everything.

The input is read twice: once to find the copies, and once to write what stays, as it stood.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import attrs
import click

from provenance.cli.options import (
    check_target,
    common_options,
    input_options,
    json_option,
    profile_options,
)
from provenance.cli.session import Session

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from provenance.cli.intake import Intake
    from provenance.cli.outcome import Outcome, Stopwatch
    from provenance.config import Profile
    from provenance.engine.deduping import Keep
    from provenance.engine.scanning import OnBlock, Places
    from provenance.ingest.reading import Reject
    from provenance.ingest.sources import Source

__all__ = ["dedupe_command"]

_DUPLICATES_FOUND = 4

#: Articles of a store that are sketched at once.
_BATCH = 256


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
@click.option(
    "--against",
    metavar="FILE",
    multiple=True,
    help="Drop what this file, folder or store already holds, too; it is not written.",
)
@click.option("--exit-code", is_flag=True, help="Leave with status 4 if there are duplicates.")
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Threads; one more than there are cores where left out.",
)
@json_option
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
    against: Sequence[str],
    exit_code: bool,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Keep one copy of every article, in input order and input format.

    Records that are kept are written byte for byte.  Articles are copies of each other if each holds
    most of the other's words in the same order; excerpts, rewrites and updates are all kept.

    The summary goes to standard error, with --json to standard output.
    """
    if annotate and removed:
        msg = "--annotate removes nothing, so that there is nothing for --removed"
        raise click.UsageError(msg)
    if as_json and output == "-":
        msg = "--json prints the summary where the articles go; name a file with -o"
        raise click.UsageError(msg)
    overlap = () if min_overlap is None else (f"verify.whole={min_overlap}",)
    profile = settle(*overlap)

    from provenance.engine.compiling import announce_compiling
    from provenance.export.records import clear_leftovers

    announce_compiling(session.note, "about ten seconds")
    for target in (output, removed):
        for leftover in clear_leftovers(target) if target and target != "-" else ():
            session.note(f"removed {leftover.name}, which an interrupted run left; starting anew")
    with _rereadable(intake):
        outcome = _run(
            intake,
            profile,
            keep=keep,
            against=against,
            jobs=jobs,
            outputs=_Outputs(output=output, annotate=annotate, removed=removed),
        )
    if as_json:
        click.echo(outcome.as_json())
    else:
        session.note(outcome.for_people())
    intake.settle()
    if exit_code and outcome.removed:
        raise click.exceptions.Exit(_DUPLICATES_FOUND)


@attrs.frozen(kw_only=True)
class _Outputs:
    """What to write where."""

    output: str
    annotate: bool
    removed: str | None


def _run(
    intake: Intake,
    profile: Profile,
    *,
    keep: Keep,
    against: Sequence[str],
    jobs: int | None,
    outputs: _Outputs,
) -> Outcome:
    # All that will be needed, before the clock starts: loading is not work.
    import numpy as np

    from provenance.cli.outcome import Outcome, Stopwatch, group_sizes
    from provenance.cli.rewriting import choose_form
    from provenance.engine.deduping import choose_kept
    from provenance.engine.joining import CopyFinder
    from provenance.engine.scanning import Ledger
    from provenance.engine.stored import is_store, stored_articles
    from provenance.engine.threads import Threads
    from provenance.sketch.signatures import sketch_buffers

    sketch_buffers(np.empty(0, np.uint8), np.zeros(2, np.int64), profile.sketch)  # loads its tables
    choose_form(outputs.output, intake.sources(), annotated=outputs.annotate)
    if outputs.removed:
        choose_form(outputs.removed, intake.sources(), annotated=True)
    stamps = _stamps(intake)
    watch = Stopwatch(intake.session)
    ledger = Ledger(
        names=outputs.annotate or bool(outputs.removed),
        dates=keep == "earliest",
        lengths=keep == "longest",
    )
    with Threads(jobs) as threads, CopyFinder(profile, threads) as finder:

        def scan(intake: Intake, stage: str) -> Places:
            watch.advance(stage, 0, 0)
            reader = intake.columns(published=keep == "earliest")
            places = ledger.scan(
                reader, finder, threads, profile.sketch, _bookkeeper(intake, watch, stage)
            )
            intake.finish()
            return places

        if against:
            stores = [name for name in against if is_store(name)]
            for name in stores:
                articles = stored_articles(name)
                while batch := list(islice(articles, _BATCH)):
                    ledger.take(batch, finder, profile.sketch)
                    watch.advance("reading what is known", len(finder), 0)
            files = [name for name in against if name not in stores]
            if files:
                scan(intake.beside(files), "reading what is known")
            finder.mark_known()
        known = len(finder)
        places = scan(intake, "reading")
        groups = finder.groups(watch.advance)
    kept = choose_kept(
        groups, keep, lengths=ledger.lengths, published=ledger.published, known=known
    )
    stays = (kept == np.arange(kept.size))[known:]
    sizes = np.bincount(groups, minlength=groups.size)

    def note(number: int) -> Mapping[str, Any]:
        number += known
        chosen, size = int(kept[number]), int(sizes[groups[number]])
        return {"group": ledger.ids[chosen], "kept": chosen == number, "size": size}

    watch.advance("writing", 0, 0)
    _write(intake, places, stays, note, outputs, stamps)
    watch.stop()
    return Outcome(
        articles=stays.size,
        kept=int(stays.sum()),
        known=known,
        groups=group_sizes(groups[known:]),
        rejected=dict(intake.refused.most_common()),
        seconds=watch.seconds,
    )


def _bookkeeper(intake: Intake, watch: Stopwatch, stage: str) -> OnBlock:
    """Return what is to be done after each block: tell the rejects, and how far it is."""
    sizes = {source.name: _plain_size(source) for source in intake.sources()}
    total = sum(sizes.values()) if all(sizes.values()) else 0
    behind = 0
    current = ""

    def on_block(articles: int, rejects: Sequence[Reject], source: Source, reached: int) -> None:
        nonlocal behind, current
        intake.count(articles, rejects)
        if source.name != current:
            behind, current = behind + sizes.get(current, 0), source.name
        share = (behind + reached) / total if total else 0.0
        watch.advance(stage, intake.read, 0, share=share)

    return on_block


def _plain_size(source: Source) -> int:
    """The size of a file that is read byte by byte; 0 if it is compressed, or nobody knows."""
    named = source.path is not None and source.format in ("jsonl", "csv", "tsv")
    if not named or source.path is None or source.path.suffix in (".gz", ".zst"):
        return 0
    return source.path.stat().st_size


def _write(
    intake: Intake,
    places: Places,
    stays: NDArray[np.bool_],
    note: Callable[[int], Mapping[str, Any]],
    outputs: _Outputs,
    stamps: Mapping[str, tuple[int, int]],
) -> None:
    from provenance.cli.rewriting import Originals, Selection, open_output
    from provenance.errors import InputError

    originals = Originals(
        sources=intake.sources(), places=places, reread=intake.reread, stdin=intake.stdin
    )
    with ExitStack() as stack:
        out = stack.enter_context(
            open_output(outputs.output, originals, annotated=outputs.annotate)
        )
        if outputs.annotate:
            out.write(Selection(chosen=stays | True, note=note))
        else:
            out.write(Selection(chosen=stays))
        if outputs.removed:
            rest = stack.enter_context(open_output(outputs.removed, originals, annotated=True))
            rest.write(Selection(chosen=~stays, note=note))
        for name, stamp in _stamps(intake).items():
            if stamp != stamps[name]:
                reason = "the file changed while it was read"
                raise InputError(reason, source=name)


def _stamps(intake: Intake) -> dict[str, tuple[int, int]]:
    """Size and time of last change of every input file; none for one that cannot be reached."""
    found = {}
    for source in intake.sources():
        if source.path is not None:
            try:
                status = source.path.stat()
            except OSError:
                found[source.name] = (0, 0)
            else:
                found[source.name] = (status.st_size, status.st_mtime_ns)
    return found


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
