"""The command ``provenance``: which command, which exit status.

Commands are loaded when they are called, and load the library when they run: ``--help`` answers before
a numeric library could have been imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

import click

from provenance.cli.session import Session

__all__ = ["cli", "main"]

#: Where each command lives, in the order of ``--help``.
_COMMANDS = {
    "trace": "provenance.cli.trace:trace_command",
    "dedupe": "provenance.cli.dedupe:dedupe_command",
    "attribute": "provenance.cli.attribute:attribute_command",
    "compare": "provenance.cli.compare:compare_command",
    "store": "provenance.cli.store:store_group",
    "story": "provenance.cli.story:story_command",
    "explain": "provenance.cli.explain:explain_command",
    "export": "provenance.cli.export:export_command",
    "serve": "provenance.cli.serve:serve_command",
}

_FAILED, _WRONG_USAGE, _STORE_LOCKED, _FORMAT_MISMATCH, _INTERRUPTED = 1, 2, 5, 6, 130


class LazyGroup(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names, in a useful order."""
        return list(_COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; ``None`` if there is none of the name."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


def _show_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    click.echo(f"provenance {version('news-provenance')}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit status: 0 done; 1 failed; 2 wrong usage; 3 done, but more records were rejected "
    "than --max-errors allows; 4 duplicates found under --exit-code; 5 store locked by another process; "
    "6 store of another format, or made with other settings; 130 interrupted.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Find copied news in any script, and who took it from whom."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    name = ctx.invoked_subcommand
    if name:
        from provenance.cli.settings import command_defaults
        from provenance.errors import SettingError

        command = cli.get_command(ctx, name)
        options = {param.name for param in command.params if param.name} if command else set()
        try:
            ctx.default_map = {name: command_defaults(name, options)}
        except SettingError as error:
            ctx.obj.postponed = error  # a broken settings file keeps nobody from reading --help


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status.

    Args:
        arguments: What follows the program's name; ``sys.argv`` where left out.
    """
    _settle_streams()
    session = Session()
    try:
        status = _run(session, arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough.  Python would complain once more at exit, when it
        # flushes standard output; there is nobody left to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = _FAILED
    sys.exit(status)


def _settle_streams() -> None:
    """Make the standard streams bear anything.

    In place of one that the caller closed Python has ``None``, and the first file that is opened would
    take its number: it becomes an empty file.  Names of files and damaged escapes hold halves of
    characters, which no encoding has: they are written as escapes.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - until the end
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _run(session: Session, arguments: Sequence[str] | None) -> int:
    try:
        status = cli.main(
            arguments,
            prog_name="provenance",
            standalone_mode=False,
            obj=session,
            auto_envvar_prefix="PROVENANCE",
        )
    except click.Abort:
        session.clear()
        session.fail("interrupted; no file was left half written")
        return _INTERRUPTED
    except click.ClickException as error:
        session.clear()
        error.show()
        return error.exit_code
    except BrokenPipeError:
        session.clear()
        raise
    except Exception as error:  # noqa: BLE001 - the outermost handler
        return _explain(session, error)
    finally:
        session.clear()
    return status if isinstance(status, int) else 0


def _explain(session: Session, error: Exception) -> int:
    """Say what went wrong in one line, and return the exit status that goes with it."""
    from provenance import errors

    if session.verbose:
        from traceback import format_exception

        session.fail("".join(format_exception(error)).rstrip())
    elif isinstance(error, errors.ProvenanceError | OSError):
        session.fail(str(error))
    else:
        session.fail(
            f"{type(error).__name__}: {error}\n"
            "This should not happen; run again with -v to see where, and report it."
        )
    for kind, status in (
        (errors.SettingError, _WRONG_USAGE),
        (errors.StoreLocked, _STORE_LOCKED),
        (errors.FormatMismatch, _FORMAT_MISMATCH),
    ):
        if isinstance(error, kind):
            return status
    return _FAILED
