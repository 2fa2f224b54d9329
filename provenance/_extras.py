"""The one guarded door to each optional library.

Nothing else imports them.  A function here returns the module, or raises
:class:`~provenance.errors.MissingExtra` with the name of the extra that brings it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from provenance.errors import MissingExtra

__all__ = [
    "load_confluent_kafka",
    "load_datasketch",
    "load_datatrove",
    "load_haystack",
    "load_itemadapter",
    "load_langchain",
    "load_llamaindex",
    "load_nats",
    "load_prov",
    "load_psycopg",
    "load_pyarrow",
    "load_redis",
    "load_scrapy",
    "load_starlette",
    "load_twisted",
    "load_uvicorn",
    "load_zstandard",
]


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


def load_scrapy(submodule: str) -> Any:
    """Return a submodule of ``scrapy`` (``"exceptions"``)."""
    return _load(f"scrapy.{submodule}", "scrapy")


def load_itemadapter() -> Any:
    """Return ``itemadapter``, which comes with Scrapy."""
    return _load("itemadapter", "scrapy")


def load_twisted(submodule: str) -> Any:
    """Return a submodule of ``twisted``, which comes with Scrapy."""
    return _load(f"twisted.{submodule}", "scrapy")


def load_datatrove(submodule: str) -> Any:
    """Return a submodule of ``datatrove`` (``"pipeline.base"``)."""
    return _load(f"datatrove.{submodule}", "datatrove")


def load_psycopg() -> Any:
    """Return ``psycopg``, the third of its name."""
    return _load("psycopg", "postgres")


def load_redis() -> Any:
    """Return ``redis``."""
    return _load("redis", "redis")


def load_confluent_kafka() -> Any:
    """Return ``confluent_kafka``."""
    return _load("confluent_kafka", "kafka")


def load_nats(submodule: str) -> Any:
    """Return a submodule of ``nats`` (``"errors"``)."""
    return _load(f"nats.{submodule}", "nats")


def load_starlette(submodule: str) -> Any:
    """Return a submodule of ``starlette`` (``"applications"``)."""
    return _load(f"starlette.{submodule}", "service")


def load_uvicorn() -> Any:
    """Return ``uvicorn``."""
    return _load("uvicorn", "service")


def load_haystack() -> Any:
    """Return ``haystack``."""
    return _load("haystack", "haystack")


def load_llamaindex(submodule: str) -> Any:
    """Return a submodule of ``llama_index.core`` (``"schema"``)."""
    return _load(f"llama_index.core.{submodule}", "llamaindex")


def load_langchain(submodule: str) -> Any:
    """Return a submodule of ``langchain_core`` (``"documents"``)."""
    return _load(f"langchain_core.{submodule}", "langchain")
