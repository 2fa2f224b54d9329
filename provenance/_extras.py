"""The one guarded door to each optional library.

Nothing else imports them.  A function here returns the module, or raises
:class:`~provenance.errors.MissingExtra` with the name of the extra that brings it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from provenance.errors import MissingExtra

__all__ = ["load_datasketch", "load_prov", "load_pyarrow", "load_zstandard"]


def _load(library: str, extra: str) -> Any:
    try:
        return import_module(library)
    except ImportError as cause:
        raise MissingExtra(library, extra) from cause


def load_datasketch() -> Any:
    """Return ``datasketch``."""
    return _load("datasketch", "datasketch")


def load_pyarrow(submodule: str = "") -> Any:
    """Return ``pyarrow`` or one of its submodules (``"parquet"``, ``"csv"``)."""
    return _load(f"pyarrow.{submodule}" if submodule else "pyarrow", "parquet")


def load_zstandard() -> Any:
    """Return ``zstandard``."""
    return _load("zstandard", "zstd")


def load_prov(submodule: str = "") -> Any:
    """Return ``prov`` or one of its submodules (``"model"``)."""
    return _load(f"prov.{submodule}" if submodule else "prov", "prov")
