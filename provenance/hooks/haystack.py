"""Haystack: a component that annotates documents, with an outlet for copies.

::

    pipeline.add_component("provenance", ProvenanceAnnotator(store="news.db", action="route"))
    pipeline.connect("converter.documents", "provenance.documents")
    pipeline.connect("provenance.documents", "writer.documents")

The outlet ``documents`` has what goes on, ``copies`` what was routed; under ``drop`` copies are in neither.
Haystack calls a document by a digest of its content and metadata; one that is to keep its name when it changes
needs another in its metadata: ``fields="id=url"``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from provenance._extras import load_haystack
from provenance.hooks.annotating import check_fields
from provenance.hooks.documents import DocumentAnnotator

__all__ = ["ProvenanceAnnotator"]

_haystack: Any = load_haystack()
_Document: Any = _haystack.Document


@_haystack.component
class ProvenanceAnnotator:
    """Annotates documents with what a store knows of them.

    Args:
        store: Path or address of a store; made where it is not there.
        fields: Key of the metadata to read for a field.
        action: What is to be done with copies: ``annotate``, ``drop`` or ``route``.
        flat: Put single values into the metadata, for document stores that take no others.

    Raises:
        SettingError: An argument makes no sense.
    """

    def __init__(
        self,
        store: str,
        fields: dict[str, str] | str | None = None,
        action: str = "annotate",
        flat: bool = False,
    ) -> None:
        self.store = store
        self.fields = dict(check_fields(fields))
        self.action = action
        self.flat = flat
        self._annotator = DocumentAnnotator(
            store, record_of=_record, fields=self.fields, action=action, flat=flat
        )

    def warm_up(self) -> None:
        """Open the store."""
        self._annotator.open()

    def close(self) -> None:
        """Close the store; the next documents open it again."""
        self._annotator.close()

    def to_dict(self) -> dict[str, Any]:
        """Return the component as Haystack writes it into a pipeline file."""
        made: dict[str, Any] = _haystack.default_to_dict(
            self, store=self.store, fields=self.fields, action=self.action, flat=self.flat
        )
        return made

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> ProvenanceAnnotator:
        """Make the component as a pipeline file has it."""
        made: ProvenanceAnnotator = _haystack.default_from_dict(cls, data)
        return made

    @_haystack.component.output_types(  # type: ignore[untyped-decorator]  # no types without it
        documents=list[_Document], copies=list[_Document]
    )
    def run(self, documents: list[_Document]) -> dict[str, list[_Document]]:
        """Annotate documents, which themselves stay as they are."""
        kept, copies = self._annotator.split(documents, _annotated)
        return {"documents": kept, "copies": copies if self.action == "route" else []}


def _record(document: Any) -> Mapping[str, Any]:
    return {"id": document.id, **document.meta, "text": document.content}


def _annotated(document: Any, entries: dict[str, Any]) -> Any:
    # With its identifier: Haystack would make another one of the new metadata.
    return dataclasses.replace(document, meta={**document.meta, **entries})
