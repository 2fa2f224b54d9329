"""Lists of documents, as retrieval frameworks hand them from step to step.

Haystack, LlamaIndex and LangChain all know a document as a text, an identifier and a mapping of metadata; they
differ in the names.  :func:`annotate_documents` does the work, and :mod:`provenance.hooks.haystack`,
:mod:`provenance.hooks.llamaindex` and :mod:`provenance.hooks.langchain` are what their users expect.

The annotation is put into the metadata under ``_prov``, as values that JSON can carry.  Many vector stores take
only single values there: with ``flat=True`` it becomes ``prov_verdict``, ``prov_story``, ``prov_links`` and
``prov_agencies``, strings with commas between the several.

Limits: what a splitter cut is no longer an article.  Put the step before the splitter.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from provenance.errors import SettingError
from provenance.hooks.annotating import (
    ANNOTATION,
    Annotation,
    Fields,
    Observer,
    annotate_records,
    check_action,
    check_fields,
    opener_of,
)

__all__ = ["DocumentAnnotator", "annotate_documents"]

Document = TypeVar("Document")


def annotate_documents(
    documents: Sequence[Document],
    observer: Observer,
    *,
    record_of: Callable[[Document], Mapping[str, Any]],
    fields: Mapping[str, str],
) -> list[tuple[Document, Annotation | None]]:
    """Observe documents in order, all at once.

    Args:
        documents: What came.
        observer: Where they are observed.
        record_of: Gives the record that a document is: its metadata, text and identifier.
        fields: Key to read for a field, where it is not the field's own name.

    Returns:
        Each with its annotation; without one if it has no text.
    """
    found = annotate_records([record_of(d) for d in documents], observer, fields=fields)
    return [
        (document, one if isinstance(one, Annotation) else None)
        for document, one in zip(documents, found, strict=True)
    ]


class DocumentAnnotator:
    """A store that is opened when the first documents come, for steps that live as long as a pipeline.

    Calls from several threads are done one after the other.

    Args:
        store: Path or address of a store, or an open tracker.
        fields: Key of the metadata to read for a field.
        action: ``annotate`` or ``drop``, and ``route`` where the framework has a place to route to.
        record_of: As for :func:`annotate_documents`.
        flat: Put single values into the metadata.

    Raises:
        SettingError: An argument makes no sense.
    """

    def __init__(
        self,
        store: str | Observer,
        *,
        record_of: Callable[[Any], Mapping[str, Any]],
        fields: Fields | None = None,
        action: str = "annotate",
        flat: bool = False,
    ) -> None:
        if isinstance(store, str) and not store:
            msg = "no store is named; give the path of one, such as news.db"
            raise SettingError(msg)
        self.action = check_action(action)
        self._fields = check_fields(fields)
        self._record_of = record_of
        self._flat = flat
        self._store = store
        self._lock = threading.Lock()
        self._context: AbstractContextManager[Observer] | None = None
        self._observer: Observer | None = None

    def split(
        self, documents: Sequence[Any], annotate: Callable[[Any, dict[str, Any]], Any]
    ) -> tuple[list[Any], list[Any]]:
        """Annotate documents, and tell what goes on from what is taken out.

        Args:
            documents: What came.
            annotate: Returns a document with these entries in its metadata.

        Returns:
            What goes on and what is taken out, both in order; nothing is taken out unless the action
            says so.
        """
        kept: list[Any] = []
        copies: list[Any] = []
        with self._lock:
            pairs = annotate_documents(
                documents, self._open(), record_of=self._record_of, fields=self._fields
            )
        for document, found in pairs:
            if found is None:
                kept.append(document)
                continue
            out = copies if found.is_repost and self.action != "annotate" else kept
            out.append(annotate(document, self._entries(found)))
        return kept, copies

    def open(self) -> None:
        """Open the store now."""
        with self._lock:
            self._open()

    def close(self) -> None:
        """Close the store; the next documents open it again."""
        with self._lock:
            if self._context is not None:
                self._context.__exit__(None, None, None)
            self._context = self._observer = None

    def _entries(self, found: Annotation) -> dict[str, Any]:
        if not self._flat:
            return {ANNOTATION: found.to_record()}
        return {
            "prov_verdict": found.verdict,
            "prov_story": found.story,
            "prov_links": ",".join(link["id"] for link in found.links),
            "prov_agencies": ",".join(found.agencies),
        }

    def _open(self) -> Observer:
        if self._observer is None:
            self._context = opener_of(self._store)()
            self._observer = self._context.__enter__()
        return self._observer
