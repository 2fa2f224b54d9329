"""Tables: an Arrow batch in, the same batch with columns about its articles out.

========================  ================================================================================
``prov_id``               what the row is called in links
``prov_verdict``          what the article is, in a word; null where a row has no text
``prov_story``            the story it belongs to
``prov_links``            list of ``{"id", "kind", "related"}``
``prov_agencies``         agencies that the text says it derives from, the strongest first
========================  ================================================================================

:func:`annotate_batch` uses a store, and rows must come in one order through one process.
:func:`credit_batch` (the last column alone) and :func:`sketch_batch` (``prov_signature``) look at each row by itself;
they may run in as many processes as there are.

Hugging Face datasets hands both over as they are::

    ds = ds.with_format("arrow").map(credit_batch, batched=True, num_proc=4)
    ds = annotate_dataset(ds, "news.db", fields="text=content")

pandas and polars have :func:`annotate_frame` and :func:`credit_frame`, and after :func:`register_accessors`
also ``frame.prov.annotate("news.db")``.

Rows without identifier and address are called after their place in the table and their text, as the command
line does; the same table again is then the same delivery.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from provenance._extras import load_pyarrow
from provenance.config import SketchSpec
from provenance.engine.crediting import attribute
from provenance.errors import InputError, SettingError
from provenance.hooks.annotating import (
    Annotation,
    Fields,
    Observer,
    agencies_of,
    annotate_records,
    article_from_record,
    check_fields,
    opener_of,
    positional_name,
)
from provenance.ingest.fields import FIELDS
from provenance.sketch.signatures import sketch_texts

__all__ = [
    "annotate_batch",
    "annotate_dataset",
    "annotate_frame",
    "credit_batch",
    "credit_frame",
    "register_accessors",
    "sketch_batch",
]

Table = TypeVar("Table")

#: Rows that are observed at once: beyond, a batch saves little more.
_BATCH = 256


def annotate_batch(
    batch: Table, observer: Observer, *, fields: Fields | None = None, first: int = 0
) -> Table:
    """Return a record batch, or table, with the columns above in addition.

    Args:
        batch: ``pyarrow.RecordBatch`` or ``pyarrow.Table``.
        observer: An open tracker.
        fields: Column to read for a field, where it is not the field's own name.
        first: Number of the batch's first row in the whole table.

    Raises:
        InputError: There is no column of texts.
        SettingError: A field is named that articles do not have.
    """
    mapping = check_fields(fields)
    annotations: list[Annotation | None] = []
    for rows in _slices(batch, mapping):
        names = [
            positional_name(first + len(annotations) + place, str(row.get(_text_key(mapping))))
            for place, row in enumerate(rows)
        ]
        found = annotate_records(rows, observer, fields=mapping, names=names)
        annotations += [one if isinstance(one, Annotation) else None for one in found]
    return _with_columns(batch, _columns(annotations))


def credit_batch(batch: Table, *, fields: Fields | None = None) -> Table:
    """Return a record batch, or table, with the column ``prov_agencies``; needs no store.

    Args:
        batch: ``pyarrow.RecordBatch`` or ``pyarrow.Table``.
        fields: As for :func:`annotate_batch`.

    Raises:
        InputError: There is no column of texts.
        SettingError: A field is named that articles do not have.
    """
    pa = load_pyarrow()
    mapping = check_fields(fields)
    agencies = [_credits(row, mapping) for rows in _slices(batch, mapping) for row in rows]
    return _with_columns(batch, {"prov_agencies": pa.array(agencies, pa.list_(pa.string()))})


def sketch_batch(
    batch: Table, *, fields: Fields | None = None, spec: SketchSpec | None = None
) -> Table:
    """Return a record batch, or table, with the column ``prov_signature``; needs no store.

    Its values are ``fixed_size_list<uint32>`` of as many slots as the spec has permutations, equal to those of
    ``datasketch``; see ``docs/sketch.md``.  A row without text has none.

    Args:
        batch: ``pyarrow.RecordBatch`` or ``pyarrow.Table``.
        fields: As for :func:`annotate_batch`.
        spec: What the values mean; the default where left out.

    Raises:
        InputError: There is no column of texts.
        SettingError: A field is named that articles do not have.
    """
    pa = load_pyarrow()
    mapping = check_fields(fields)
    key = _text_key(mapping)
    settled = spec or SketchSpec()
    texts = [row.get(key) for rows in _slices(batch, mapping) for row in rows]
    signatures = sketch_texts([text or "" for text in texts], settled).signatures
    column = pa.FixedSizeListArray.from_arrays(
        pa.array(signatures.reshape(-1)),
        settled.permutations,
        mask=pa.array([text is None for text in texts], pa.bool_()),
    )
    return _with_columns(batch, {"prov_signature": column})


def annotate_dataset(dataset: Any, store: str | Observer, *, fields: Fields | None = None) -> Any:
    """Return a Hugging Face ``Dataset`` with the columns above in addition.

    Goes through the dataset once, in order, in this process; the result is never taken from the
    library's cache, because it depends on the store.

    Args:
        dataset: A ``datasets.Dataset``.
        store: Path or address of a store, or an open tracker.
        fields: As for :func:`annotate_batch`.

    Raises:
        InputError: There is no column of texts.
        SettingError: A field is named that articles do not have.
    """
    mapping = check_fields(fields)
    kept = dataset.format
    with opener_of(store)() as observer:

        def annotate(batch: Any, rows: Sequence[int]) -> Any:
            return annotate_batch(batch, observer, fields=mapping, first=rows[0])

        annotated = dataset.with_format("arrow").map(
            annotate,
            batched=True,
            with_indices=True,
            batch_size=_BATCH,
            load_from_cache_file=False,
            # Without a name of its own the library would pickle the open store to make one.
            new_fingerprint=_fingerprint(),
        )
    return annotated.with_format(kept["type"], **kept["format_kwargs"])


def annotate_frame(frame: Any, store: str | Observer, *, fields: Fields | None = None) -> Any:
    """Return a pandas or polars ``DataFrame`` with the columns above in addition.

    Args:
        frame: The frame; it stays as it is.
        store: Path or address of a store, or an open tracker.
        fields: As for :func:`annotate_batch`.

    Raises:
        InputError: There is no column of texts.
        SettingError: A field is named that articles do not have, or `frame` is of neither library.
    """
    mapping = check_fields(fields)
    with opener_of(store)() as observer:
        return _through_arrow(
            frame, mapping, lambda table: annotate_batch(table, observer, fields=mapping)
        )


def credit_frame(frame: Any, *, fields: Fields | None = None) -> Any:
    """Return a pandas or polars ``DataFrame`` with the column ``prov_agencies``; needs no store.

    Args:
        frame: The frame; it stays as it is.
        fields: As for :func:`annotate_batch`.

    Raises:
        InputError: There is no column of texts.
        SettingError: A field is named that articles do not have, or `frame` is of neither library.
    """
    mapping = check_fields(fields)
    return _through_arrow(frame, mapping, lambda table: credit_batch(table, fields=mapping))


def register_accessors() -> tuple[str, ...]:
    """Give the frames of pandas and polars an accessor ``prov`` with ``annotate`` and ``credit``.

    Returns:
        The libraries it was given to: those that the program has imported.

    Raises:
        SettingError: It has imported neither.
    """
    registered = []
    if pandas := sys.modules.get("pandas"):
        pandas.api.extensions.register_dataframe_accessor("prov")(_Accessor)
        registered.append("pandas")
    if polars := sys.modules.get("polars"):
        polars.api.register_dataframe_namespace("prov")(_Accessor)
        registered.append("polars")
    if not registered:
        msg = "neither pandas nor polars is imported; import one of them first"
        raise SettingError(msg)
    return tuple(registered)


class _Accessor:
    """What a frame has under ``prov``."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def annotate(self, store: str | Observer, *, fields: Fields | None = None) -> Any:
        """Return the frame with what a store knows of its rows; see :func:`annotate_frame`."""
        return annotate_frame(self._frame, store, fields=fields)

    def credit(self, *, fields: Fields | None = None) -> Any:
        """Return the frame with the agencies its texts name; see :func:`credit_frame`."""
        return credit_frame(self._frame, fields=fields)


def _text_key(fields: Mapping[str, str]) -> str:
    return fields.get("text", "text")


def _slices(batch: Any, fields: Mapping[str, str]) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of a batch as records of the columns that mean something, some at a time."""
    present = batch.schema.names
    key = _text_key(fields)
    if key.partition(".")[0] not in present:
        names = ", ".join(present) or "none"
        reason = f"no column {key!r} among {names}; fields='text=COLUMN' names another"
        raise InputError(reason)
    wanted = _keys(fields)
    chosen = batch.select([name for name in present if name in wanted])
    for start in range(0, chosen.num_rows, _BATCH):
        yield chosen.slice(start, _BATCH).to_pylist()


def _credits(row: Mapping[str, Any], fields: Mapping[str, str]) -> list[str] | None:
    try:
        return list(agencies_of(attribute(article_from_record(row, fields))))
    except InputError:
        return None


def _columns(annotations: Sequence[Annotation | None]) -> dict[str, Any]:
    pa = load_pyarrow()
    link = pa.struct([("id", pa.string()), ("kind", pa.string()), ("related", pa.float64())])
    types = {
        "id": pa.string(),
        "verdict": pa.string(),
        "story": pa.string(),
        "links": pa.list_(link),
        "agencies": pa.list_(pa.string()),
    }
    records = [annotation.to_record() if annotation else {} for annotation in annotations]
    return {
        f"prov_{name}": pa.array([record.get(name) for record in records], kind)
        for name, kind in types.items()
    }


def _with_columns(batch: Table, columns: Mapping[str, Any]) -> Table:
    """Return a batch or table with columns added, or replaced where an earlier run added them."""
    untyped: Any = batch
    arrays = {**dict(zip(untyped.schema.names, untyped.columns, strict=True)), **columns}
    extended: Table = untyped.from_arrays([*arrays.values()], names=[*arrays])
    return extended


def _through_arrow(frame: Any, fields: Mapping[str, str], step: Callable[[Any], Any]) -> Any:
    """Return a frame with the columns that a step adds; the step sees only what it may need."""
    pa = load_pyarrow()
    polars, pandas = sys.modules.get("polars"), sys.modules.get("pandas")
    wanted = _keys(fields)
    if polars and isinstance(frame, polars.DataFrame):
        added = step(frame.select([name for name in frame.columns if name in wanted]).to_arrow())
        new = polars.from_arrow(added.select(_new(added)))
        return frame.with_columns(*new.get_columns())
    if pandas and isinstance(frame, pandas.DataFrame):
        chosen = frame[[name for name in frame.columns if name in wanted]]
        added = step(pa.Table.from_pandas(chosen, preserve_index=False))
        return frame.assign(
            **{
                name: pandas.Series(added.column(name).to_pylist(), frame.index, dtype=object)
                for name in _new(added)
            }
        )
    kind = type(frame).__name__
    msg = f"{kind} is no DataFrame of pandas or polars; hand an Arrow table to annotate_batch"
    raise SettingError(msg)


def _keys(fields: Mapping[str, str]) -> set[str]:
    """Return the columns that mean something; a path with dots begins with the name of one."""
    keys = {fields.get(field, field) for field in FIELDS}
    return keys | {key.partition(".")[0] for key in keys}


def _new(table: Any) -> list[str]:
    return [name for name in table.schema.names if name.startswith("prov_")]


def _fingerprint() -> str:
    from secrets import token_hex

    return token_hex(8)
