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
_REDIS = frozenset(["redis", "rediss", "unix", "valkey", "valkeys"])


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
        place: A folder, or ``postgresql://...?namespace=NAME``, or the same with ``redis://``, ``rediss://``,
            ``valkey://`` or ``unix://``.
        manifest: What this program writes.
        readonly: Look, and let another process write.
        sync: Wait until a commit is on the disk; of Redis, its server decides.
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

        return PostgresStore(str(place), manifest, readonly=readonly, sync=sync)
    if scheme in _REDIS:
        from provenance.stores.redis import RedisStore

        return RedisStore(str(place), manifest, readonly=readonly)
    from provenance.stores.embedded import EmbeddedStore

    return EmbeddedStore(place, manifest, readonly=readonly, sync=sync, rebuild=rebuild)


def stored_settings(place: Path | str) -> Mapping[str, Any] | None:
    """Return the settings that a store was made with; ``None`` where there is none."""
    read: Callable[[Any], Mapping[str, Any] | None]
    scheme = _scheme(place)
    if scheme in _POSTGRES:
        from provenance.stores.postgres import stored_settings as read
    elif scheme in _REDIS:
        from provenance.stores.redis import stored_settings as read
    else:
        from provenance.stores.embedded import stored_settings as read
    return read(place)


def _scheme(place: Path | str) -> str:
    if not isinstance(place, str) or "://" not in place:
        return ""
    scheme = place.partition("://")[0]
    if scheme not in _POSTGRES | _REDIS:
        msg = f"no store is reached by {scheme}://; by postgresql:// and redis:// one is, or by a folder"
        raise SettingError(msg)
    return scheme
