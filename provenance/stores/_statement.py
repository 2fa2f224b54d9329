"""What an embedded store states of itself, whether this program may use it, and what is kept beside it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xxhash

from provenance.errors import FormatMismatch, SettingError
from provenance.stores._schema import DATABASE, connect, reporting
from provenance.stores.contract import FORMAT, Manifest

__all__ = ["check_manifest", "read_state", "stored_settings", "write_state"]


def check_manifest(connection: sqlite3.Connection, folder: Path, manifest: Manifest) -> None:
    """Compare what a store states with what this program writes.

    Raises:
        FormatMismatch: They differ.
        SettingError: There is no store.
    """
    # Created by a process that died before its first transaction.
    if not connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
        msg = f"there is no store at {folder}"
        raise SettingError(msg)
    meta = dict(connection.execute("SELECT name, value FROM meta"))
    migrate = (
        "to migrate, open a new store with this version and settings and observe the articles "
        "again; `provenance store query OLD --all` with the version that wrote it prints them"
    )
    for name, expected in (
        ("format", FORMAT),
        ("sketch", manifest.sketch),
        ("profile", manifest.profile),
    ):
        if meta[name] != expected:
            found, wanted = _differing(json.loads(meta["settings"]), manifest.settings)
            if name == "format":
                found, wanted = str(meta[name]), str(expected)
            what = f"{name} of the store {folder}"
            raise FormatMismatch(what, found=found, expected=wanted, remedy=migrate)


def stored_settings(path: Path | str) -> Mapping[str, Any] | None:
    """Return the settings that the store in a folder was made with; ``None`` where there is none."""
    database = Path(path) / DATABASE
    if not database.exists():
        return None
    with reporting(database):
        connection = connect(database, readonly=True, sync=False)
        try:
            if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone():
                return None
            rows = connection.execute("SELECT value FROM meta WHERE name = 'settings'")
            settings: Mapping[str, Any] = json.loads(rows.fetchone()[0])
        finally:
            connection.close()
    return settings


def _differing(found: Mapping[str, Any], expected: Mapping[str, Any]) -> tuple[str, str]:
    """Return the settings that two manifests state differently, as each states them."""
    one, other = _flat(found), _flat(expected)
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    return (
        ", ".join(f"{name}={one.get(name)}" for name in names),
        ", ".join(f"{name}={other.get(name)}" for name in names),
    )


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Name every setting as the command line does, such as ``verify.whole``."""
    flat: dict[str, Any] = {}
    for section, value in settings.items():
        parts = value if isinstance(value, dict) else {"": value}
        flat.update({f"{section}.{name}".rstrip("."): each for name, each in parts.items()})
    return flat


def write_state(folder: Path, name: str, state: bytes) -> None:
    """Keep something that can be made anew; where the disk is full, nothing is kept."""
    path = folder / f"state-{name}"
    beside = folder / f"state-{name}.part"
    try:
        beside.write_bytes(xxhash.xxh3_128_digest(state) + state)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def read_state(folder: Path, name: str) -> bytes | None:
    """Return what was kept, or ``None`` if it is not there or not sound."""
    try:
        kept = (folder / f"state-{name}").read_bytes()
    except FileNotFoundError:
        return None
    return kept[16:] if xxhash.xxh3_128_digest(kept[16:]) == kept[:16] else None
