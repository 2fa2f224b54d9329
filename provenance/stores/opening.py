"""Which store an address means: that of a server by its scheme, a folder otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.errors import SettingError

if TYPE_CHECKING:
    from provenance.stores.contract import Manifest, Store

__all__ = ["open_store", "stored_settings"]

_POSTGRES = frozenset(["postgresql", "postgres"])


def open_store(
    place: Path | str,
    manifest: Manifest,
    *,
    readonly: bool = False,
    sync: bool = True,
    rebuild: bool = False,
) -> Store:
    """Open a store, or make one.

    Args:
        place: A folder, or ``postgresql://...?namespace=NAME``.
        manifest: What this program writes.
        readonly: Look, and let another process write.
        sync: Wait until a commit is on the disk.
        rebuild: Do not look at the entries that are there; ``replace_entries`` must come next.

    Raises:
        StoreLocked: Another process writes to it.
        StoreUnreachable: Its server does not answer.
        FormatMismatch: It was made by a program that writes another format, or with other settings.
        StoreDamaged: Something in it is not what was written.
        SettingError: `place` is something else.
        MissingExtra: The library that talks to its server is not installed.
    """
    scheme = _scheme(place)
    if scheme in _POSTGRES:
        from provenance.stores.postgres import PostgresStore

        return PostgresStore(place, manifest, readonly=readonly, sync=sync)
    from provenance.stores.embedded import EmbeddedStore

    return EmbeddedStore(place, manifest, readonly=readonly, sync=sync, rebuild=rebuild)


def stored_settings(place: Path | str) -> Mapping[str, Any] | None:
    """Return the settings that a store was made with; ``None`` where there is none."""
    read: Callable[[Any], Mapping[str, Any] | None]
    if _scheme(place) in _POSTGRES:
        from provenance.stores.postgres import stored_settings as read
    else:
        from provenance.stores.embedded import stored_settings as read
    return read(place)


def _scheme(place: Path | str) -> str:
    scheme, mark, _ = str(place).partition("://") if isinstance(place, str) else ("", "", "")
    if not mark:
        return ""
    if scheme not in _POSTGRES:
        msg = f"no store is reached by {scheme}://; a folder or postgresql:// is"
        raise SettingError(msg)
    return scheme
