"""Whether a store on a server is one that this program and these settings may use."""

from __future__ import annotations

import json
from collections.abc import Mapping

from provenance.errors import FormatMismatch, StoreDamaged
from provenance.stores.contract import FORMAT, Manifest

__all__ = ["check_stated", "stated"]

_REMEDY = (
    "to migrate, open a new store (another namespace) with this version and settings and observe the "
    "articles again"
)


def stated(manifest: Manifest) -> dict[str, str]:
    """Return what a store states of itself, by name."""
    return {
        "format": str(manifest.format),
        "sketch": manifest.sketch,
        "profile": manifest.profile,
        "settings": json.dumps(dict(manifest.settings)),
    }


def check_stated(where: str, found: Mapping[str, str], manifest: Manifest) -> None:
    """Compare what a store states with what this program writes.

    Args:
        where: What the store is called.
        found: What it states.
        manifest: What is expected.

    Raises:
        FormatMismatch: They differ.
        StoreDamaged: It states too little.
    """
    expected = {"format": str(FORMAT), "sketch": manifest.sketch, "profile": manifest.profile}
    for name, value in expected.items():
        if name not in found:
            raise StoreDamaged(where, f"it does not state its {name}")
        if found[name] != value:
            settings = f" ({found.get('settings', '')})" if name != "format" else ""
            what = f"{name} of the store {where}"
            raise FormatMismatch(
                what, found=f"{found[name]}{settings}", expected=value, remedy=_REMEDY
            )
