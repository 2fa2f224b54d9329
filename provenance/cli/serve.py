"""``provenance serve``: a store behind HTTP."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provenance.cli.options import catalogue_option, common_options, profile_options
from provenance.cli.session import Session

if TYPE_CHECKING:
    from provenance.config import Profile

__all__ = ["serve_command"]


@click.command("serve", short_help="Answer HTTP requests from a store.")
@click.argument("store", metavar="STORE")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=8377, show_default=True)
@click.option(
    "--token",
    metavar="TOKEN",
    default="",
    help="Ask clients for this token.  Other users of this machine can read what stands on a command "
    "line: set PROVENANCE_SERVE_TOKEN instead.",
)
@click.option(
    "--map",
    "fields",
    metavar="FIELD=KEY,...",
    multiple=True,
    help="Other keys for the fields of an article: text=content,publisher=source.",
)
@click.option(
    "--most-waiting",
    metavar="N",
    type=click.IntRange(min=1),
    default=1024,
    show_default=True,
    help="Refuse articles (429) while so many wait for the store.",
)
@catalogue_option
@profile_options
@common_options
def serve_command(
    session: Session,
    *,
    settle: Callable[..., Profile],
    store: str,
    host: str,
    port: int,
    token: str,
    fields: Sequence[str],
    most_waiting: int,
    catalogue: Path | None,
) -> None:
    """Own a store, and answer HTTP requests: was this article seen before, and whose is it?

    STORE is made where it is not there.  GET /openapi.json describes the requests; docs/service.md has
    examples.  Ctrl-C, or SIGTERM, finishes what was accepted.
    """
    if not token and not _is_loopback(host):
        msg = f"{host} can be reached from other machines; set PROVENANCE_SERVE_TOKEN to a secret"
        raise click.UsageError(msg)
    profile = settle()

    from provenance._extras import load_uvicorn
    from provenance.engine.compiling import announce_compiling
    from provenance.engine.tracking import Tracker
    from provenance.hooks.service import ServiceConfig, create_app

    uvicorn = load_uvicorn()
    announce_compiling(session.note)
    # Opened here and not by the server, so that a locked store is an exit status and not a log line.
    with Tracker.open(store, profile=profile, catalogue=catalogue) as tracker:
        config = ServiceConfig(
            store=tracker, fields=",".join(fields), token=token, most_waiting=most_waiting
        )
        session.note(f"serving {store} at http://{host}:{port}")
        # The server finishes its work on SIGTERM and then raises it again: as an interruption, which it
        # takes for an end, and not as death, which would leave the store open.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        uvicorn.run(
            create_app(config),
            host=host,
            port=port,
            access_log=session.verbose,
            log_level="info" if session.verbose else "warning",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
