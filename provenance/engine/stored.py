"""What rests in a store: its articles, and what its contents mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import orjson
import xxhash

from provenance.config import Profile
from provenance.engine.packing import unpack
from provenance.model import Article
from provenance.stores.contract import FORMAT, Manifest

__all__ = ["is_store", "manifest_of", "stored_articles"]

#: Articles read at once.
_SLICE = 2000


def stored_articles(place: Path | str) -> Iterator[Article]:
    """Yield the articles of a store, whatever settings it was made with.

    Raises:
        SettingError: There is no store.
        FormatMismatch: It was written by another version.
        StoreDamaged: Something in it is not what was written.
    """
    from provenance.stores.opening import open_store, stored_settings

    made = stored_settings(place)
    manifest = _manifest(made) if made else manifest_of(Profile())
    with open_store(place, manifest, readonly=True) as store:
        numbers = store.numbers().tolist()
        for start in range(0, len(numbers), _SLICE):
            for document in store.documents(numbers[start : start + _SLICE]):
                if document:
                    yield unpack(document.content)[0]


def is_store(place: Path | str) -> bool:
    """Whether there is a store."""
    from provenance.stores.opening import stored_settings

    return stored_settings(place) is not None


def manifest_of(profile: Profile, *, attribute: bool = True) -> Manifest:
    """Return what the contents of a store mean that is written with these settings."""
    return _manifest(
        {
            "sketch": attrs.asdict(profile.sketch),
            "index": attrs.asdict(profile.index),
            "verify": attrs.asdict(profile.verify),
            "attribute": attribute,
        }
    )


def _manifest(settings: Mapping[str, Any]) -> Manifest:
    rest = {name: value for name, value in settings.items() if name != "sketch"}
    return Manifest(
        format=FORMAT,
        sketch=_digest(settings["sketch"]),
        profile=_digest(rest),
        settings=settings,
    )


def _digest(settings: Mapping[str, Any]) -> str:
    return xxhash.xxh3_64_hexdigest(orjson.dumps(settings, option=orjson.OPT_SORT_KEYS))
