"""LangChain: a document transformer that annotates documents.

::

    documents = ProvenanceTransformer("news.db").transform_documents(loader.load())

A document without an identifier is called after its ``url`` (loaders say ``source``: ``fields="url=source"``, if a
source is one document), or its text.  Under ``drop`` copies are left out.  Documents are annotated in copies; ``atransform_documents`` does the same on
a thread of LangChain's executor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provenance._extras import load_langchain
from provenance.errors import SettingError
from provenance.hooks.annotating import Fields, Observer
from provenance.hooks.documents import DocumentAnnotator

__all__ = ["ProvenanceTransformer"]

_Base: Any = load_langchain("documents").BaseDocumentTransformer


class ProvenanceTransformer(_Base):  # type: ignore[misc]  # no types without it
    """Annotates documents with what a store knows of them.

    Args:
        store: Path or address of a store, or an open tracker.
        fields: Key of the metadata to read for a field.
        action: What is to be done with copies: ``annotate`` or ``drop``.
        flat: Put single values into the metadata, for vector stores that take no others.

    Raises:
        SettingError: An argument makes no sense.
    """

    def __init__(
        self,
        store: str | Observer,
        *,
        fields: Fields | None = None,
        action: str = "annotate",
        flat: bool = False,
    ) -> None:
        if action == "route":
            msg = "a transformer has one outlet; use annotate, and filter on the verdict"
            raise SettingError(msg)
        self._annotator = DocumentAnnotator(
            store, record_of=_record, fields=fields, action=action, flat=flat
        )

    def transform_documents(self, documents: Sequence[Any], **_: Any) -> Sequence[Any]:
        """Return the documents, annotated."""
        kept, _copies = self._annotator.split(documents, _annotated)
        return kept

    def close(self) -> None:
        """Close the store; the next documents open it again."""
        self._annotator.close()


def _record(document: Any) -> Mapping[str, Any]:
    return {"id": document.id, **document.metadata, "text": document.page_content}


def _annotated(document: Any, entries: dict[str, Any]) -> Any:
    return document.model_copy(update={"metadata": {**document.metadata, **entries}})
