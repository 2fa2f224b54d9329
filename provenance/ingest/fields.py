"""From a record with any keys to an article.

Eight keys mean something; ``--map text=content,publisher=source`` names other keys for them, and a
path with dots reaches into nested objects (``text=body.plain``) where no key has that very name.
Everything else is kept under :attr:`Article.extra <provenance.model.Article.extra>`, untouched.

Two liberties are taken, because the records they save are common and nothing is lost by them: a whole
number is taken for an identifier, and a date or time object (Parquet has them) is written in ISO 8601.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs

from provenance.errors import InputError, SettingError
from provenance.model import Article, ArticleId

__all__ = ["FIELDS", "article_from_values", "parse_fields"]

FIELDS = tuple(field.name for field in attrs.fields(Article) if field.name != "extra")
"""Names of the article's fields that a record may fill."""

_TYPE_NAMES = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
    bytes: "bytes",
}


def parse_fields(spec: str) -> dict[str, str]:
    """Read ``text=content,publisher=source`` into ``{"text": "content", "publisher": "source"}``.

    Raises:
        SettingError: A part is not of this form, or names a field that articles do not have.
    """
    fields: dict[str, str] = {}
    for part in filter(None, map(str.strip, spec.split(","))):
        field, equals, key = (piece.strip() for piece in part.partition("="))
        if not (field and equals and key):
            msg = f"{part!r} is not of the form FIELD=KEY, as in text=content"
            raise SettingError(msg)
        if field not in FIELDS:
            msg = f"articles have no field {field!r}; there are {', '.join(FIELDS)}"
            raise SettingError(msg)
        fields[field] = key
    return fields


def article_from_values(values: Mapping[str, Any], fields: Mapping[str, str]) -> Article:
    """Return the article a record describes; its identifier is empty where the record has none.

    Args:
        values: The record.
        fields: Key to read for a field, where it is not the field's own name.

    Raises:
        InputError: There is no text, or a value is not of the type its field has.
    """
    found: dict[str, str] = {}
    used = set()
    for field in FIELDS:
        key = fields.get(field, field)
        if key in values:
            used.add(key)
            value = values[key]
        else:
            value = _reach(values, key) if "." in key else None
        if value is None:
            continue
        found[field] = value if type(value) is str else _as_string(field, value)
    if "text" not in found:
        raise InputError(_no_text(values, fields.get("text", "text")))
    return Article(
        id=ArticleId(found.pop("id", "")),
        extra={key: value for key, value in values.items() if key not in used},
        **found,
    )


def _reach(values: Any, path: str) -> Any:
    for step in path.split("."):
        if not isinstance(values, Mapping):
            return None
        values = values.get(step)
    return values


def _as_string(field: str, value: Any) -> str:
    if isinstance(value, bytes):  # Parquet files of old writers hold strings as plain bytes
        try:
            return value.decode()
        except UnicodeDecodeError as cause:
            reason = f"invalid UTF-8: {field!r} at byte {cause.start}"
            raise InputError(reason) from cause
    if field == "id" and type(value) is int:
        return str(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    name = _TYPE_NAMES.get(type(value), type(value).__name__)
    reason = f"wrong type: {field!r} is {name}, not a string"
    raise InputError(reason)


def _no_text(values: Mapping[str, Any], key: str) -> str:
    if key in values:
        return f"no text: {key!r} is null"
    keys = ", ".join(sorted(map(str, values))[:12])  # enough to recognize the right one
    return f"no text: no key {key!r} among {keys or 'none'}; --map text=KEY names another"
