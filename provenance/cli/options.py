"""Options that several commands share, and what they come to when a command runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from provenance.cli.session import Session

if TYPE_CHECKING:
    from provenance.config import Profile

__all__ = [
    "catalogue_option",
    "check_target",
    "common_options",
    "input_options",
    "json_option",
    "profile_options",
]

Function = TypeVar("Function", bound=Callable[..., Any])


def check_target(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Refuse a file to be written whose folder is not there, before an hour of work and not after."""
    if value and not Path(value).parent.is_dir():
        msg = f"there is no folder {str(Path(value).parent)!r}"
        raise click.BadParameter(msg)
    return value


def _tell(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    setattr(ctx.ensure_object(Session), str(param.name), value)


def _start(ctx: click.Context, _param: click.Parameter, no_progress: bool) -> None:
    """Processed after ``--help``, which leaves: from here on the command will run."""
    session = ctx.ensure_object(Session)
    session.progress = not no_progress
    if session.postponed:
        raise session.postponed


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``-q``, ``-v`` and ``--no-progress``, and hand it the session."""
    return _stacked(
        click.pass_obj(function),
        click.option(
            "-q",
            "--quiet",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_tell,
            help="Tell nothing but errors.",
        ),
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_tell,
            help="Tell details; show where an error arose.",
        ),
        click.option(
            "--no-progress",
            is_flag=True,
            expose_value=False,
            callback=_start,
            help="Draw no progress line on a terminal.",
        ),
    )


def json_option(function: Function) -> Function:
    """Give a command ``--json``."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print JSON for programs, not a view for people."
    )(function)


def catalogue_option(function: Function) -> Function:
    """Give a command ``--catalogue``."""
    return click.option(
        "--catalogue",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="TOML file with agencies and names of your own, beside the packaged ones.",
    )(function)


def input_options(*, required: bool = True) -> Callable[[Function], Callable[..., Any]]:
    """Give a command INPUT... and the ways to read it, handed over as one ``intake``."""

    def decorate(function: Function) -> Callable[..., Any]:
        @wraps(function)
        def command(**options: Any) -> Any:
            from provenance.cli.intake import Intake

            session = click.get_current_context().ensure_object(Session)
            given = {name: options.pop(name) for name in _INTAKE}
            with Intake(session=session, **given) as intake:
                return function(intake=intake, **options)

        inputs = click.argument("inputs", metavar="INPUT...", nargs=-1, required=required)
        return _stacked(command, inputs, *_READING)

    return decorate


_READING = (
    click.option(
        "--format",
        "file_format",
        type=click.Choice(["jsonl", "csv", "tsv", "parquet", "text"]),
        help="Read every input as this, whatever its extension.",
    ),
    click.option(
        "--map",
        "fields",
        metavar="FIELD=KEY,...",
        multiple=True,
        help="Other keys for the fields of an article: text=content,publisher=source.",
    ),
    click.option(
        "--rejects",
        metavar="FILE",
        type=click.Path(dir_okay=False),
        callback=check_target,
        help="Write records that cannot be used to this file, with the reason.",
    ),
    click.option("--strict", is_flag=True, help="Stop at the first such record."),
    click.option(
        "--max-errors",
        metavar="N",
        type=click.IntRange(min=0),
        help="Leave with status 3 if more than N records could not be used.",
    ),
)
_INTAKE = ("inputs", "file_format", "fields", "rejects", "strict", "max_errors")


def profile_options(function: Function) -> Callable[..., Any]:
    """Give a command ``--profile`` and ``--set``, handed over as a function ``settle``.

    It is called when the settings are needed, and returns the profile.
    """

    @wraps(function)
    def command(*, profile: str, assignments: Sequence[str], **rest: Any) -> Any:
        def settle(*more: str) -> Profile:
            from provenance.cli.settings import build_profile

            return build_profile(profile, (*assignments, *more))

        return function(settle=settle, **rest)

    return _stacked(
        command,
        click.option(
            "--profile",
            metavar="NAME|FILE",
            default="",
            help="Settings to use: a profile of a settings file, or a TOML file.",
        ),
        click.option(
            "--set",
            "assignments",
            metavar="SECTION.NAME=VALUE",
            multiple=True,
            help="A single setting, such as verify.min_jaccard=0.2.",
        ),
    )


def _stacked(function: Function, *decorators: Callable[[Function], Function]) -> Function:
    """Apply decorators so that ``--help`` lists their options in the order written."""
    for decorator in reversed(decorators):
        function = decorator(function)
    return function
