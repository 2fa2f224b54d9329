"""LlamaIndex: a transformation for an ingestion pipeline that annotates documents.

::

    IngestionPipeline(transformations=[ProvenanceTransform(store="news.db"), SentenceSplitter()])

The annotation is kept from language models and embeddings, which see the metadata otherwise.  Under
``drop`` copies go no further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provenance._extras import load_llamaindex
from provenance.errors import SettingError
from provenance.hooks.documents import DocumentAnnotator

__all__ = ["ProvenanceTransform"]

_schema: Any = load_llamaindex("schema")
_bridge: Any = load_llamaindex("bridge.pydantic")


class ProvenanceTransform(_schema.TransformComponent):  # type: ignore[misc]  # no types without it
    """Annotates nodes with what a store knows of them.

    Attributes:
        store: Path or address of a store; made where it is not there.
        fields: Key of the metadata to read for a field.
        action: What is to be done with copies: ``annotate`` or ``drop``.
        flat: Put single values into the metadata, for vector stores that take no others.
    """

    store: str
    fields: dict[str, str] | str | None = None
    action: str = "annotate"
    flat: bool = False

    _annotator: Any = _bridge.PrivateAttr(default=None)

    @classmethod
    def class_name(cls) -> str:
        """Return the name that pipelines are written and cached with."""
        return "ProvenanceTransform"

    def __getstate__(self) -> dict[str, Any]:
        """Leave the open store behind; the copy opens its own."""
        state: dict[str, Any] = super().__getstate__()
        state["__pydantic_private__"] = {"_annotator": None}
        return state

    def __call__(self, nodes: Sequence[Any], **_: Any) -> list[Any]:
        """Annotate nodes.

        Raises:
            SettingError: The settings make no sense.
        """
        if self._annotator is None:
            if self.action == "route":
                msg = "a transformation has one outlet; use annotate, and filter on the verdict"
                raise SettingError(msg)
            self._annotator = DocumentAnnotator(
                self.store,
                record_of=_record,
                fields=self.fields,
                action=self.action,
                flat=self.flat,
            )
        kept, _copies = self._annotator.split(nodes, _annotated)
        return list(kept)

    def close(self) -> None:
        """Close the store; the next nodes open it again."""
        if self._annotator is not None:
            self._annotator.close()


def _record(node: Any) -> Mapping[str, Any]:
    return {"id": node.node_id, **node.metadata, "text": node.get_content()}


def _annotated(node: Any, entries: dict[str, Any]) -> Any:
    node.metadata.update(entries)
    for key in entries:
        for hidden in (node.excluded_embed_metadata_keys, node.excluded_llm_metadata_keys):
            if key not in hidden:
                hidden.append(key)
    return node
