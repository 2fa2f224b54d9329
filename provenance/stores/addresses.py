"""Addresses of stores on servers."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

__all__ = ["split_namespace"]

_DEFAULT = "provenance"


def split_namespace(url: str) -> tuple[str, str]:
    """Return an address as its server takes it, and the namespace that ``namespace=`` in it names.

    The namespace is ``provenance`` where it names none.
    """
    bare, _, query = url.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    names = [value for name, value in pairs if name == "namespace" and value]
    rest = urlencode([pair for pair in pairs if pair[0] != "namespace"], safe="/")
    return f"{bare}?{rest}" if rest else bare, names[-1] if names else _DEFAULT
