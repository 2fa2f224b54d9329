"""datatrove: a pipeline step that says of every document whether it was seen before, and whose it is.

::

    LocalPipelineExecutor(
        pipeline=[
            JsonlReader("raw/"),
            ProvenanceStep("news.db", fields="published=date,publisher=site"),
            JsonlWriter("annotated/"),
        ],
        tasks=1,
    )

Fields of an article are looked for in the document's metadata, its text and identifier in the document
itself; the annotation goes to ``metadata["_prov"]``.  With ``action="drop"`` copies are taken out, with
``action="route"`` they go to the `exclusion_writer`.

A store has one writer: run the step with ``tasks=1`` behind steps that run with many, or give all tasks the
address of a service (``provenance serve``).  :class:`CreditStep` needs no store; it reads only what each text says
about its own sources, and runs with any number of tasks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from provenance._extras import load_datatrove
from provenance.engine.crediting import attribute
from provenance.errors import InputError, SettingError
from provenance.hooks.annotating import (
    ANNOTATION,
    Annotation,
    Fields,
    Observer,
    agencies_of,
    annotate_records,
    article_from_record,
    check_action,
    check_fields,
    is_service,
    opener_of,
)

__all__ = ["CreditStep", "ProvenanceStep"]

_PipelineStep: Any = load_datatrove("pipeline.base").PipelineStep

#: Documents that are observed at once: beyond, a batch saves little more.
_BATCH = 256


class ProvenanceStep(_PipelineStep):  # type: ignore[misc]  # datatrove brings no types
    """Observes documents in order, and annotates them.

    Args:
        store: Path or address of a store, or an open tracker.
        fields: Key of the metadata to read for a field.
        action: What is to be done with copies: ``annotate``, ``drop`` or ``route``.
        exclusion_writer: A datatrove writer for copies that are routed, or dropped.
        key: Key of the metadata for the annotation.

    Raises:
        SettingError: An argument makes no sense.
    """

    name = "🗞 Provenance"
    type = "🔗 - PROVENANCE"

    def __init__(
        self,
        store: str | Observer,
        *,
        fields: Fields | None = None,
        action: str = "annotate",
        exclusion_writer: Any = None,
        key: str = ANNOTATION,
    ) -> None:
        super().__init__()
        self.store = store
        self.fields = check_fields(fields)
        self.action = check_action(action)
        if self.action == "route" and exclusion_writer is None:
            msg = "action is route and there is no exclusion_writer; give one"
            raise SettingError(msg)
        self.exclusion_writer = exclusion_writer
        self.key = key

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Any]:
        """Yield the documents of `data`, annotated.

        Raises:
            SettingError: Several tasks would write to a store that has one writer.
        """
        if world_size > 1 and isinstance(self.store, str) and not is_service(self.store):
            msg = (
                f"{world_size} tasks cannot write to {self.store!r}, which has one writer; "
                "use tasks=1, or the address of a service (provenance serve)"
            )
            raise SettingError(msg)
        with contextlib.ExitStack() as stack:
            observer = stack.enter_context(opener_of(self.store)())
            writer = self.exclusion_writer and stack.enter_context(self.exclusion_writer)
            for documents in _batches(data):
                with self.track_time("batch"):
                    annotations = annotate_records(
                        list(map(_record, documents)), observer, fields=self.fields
                    )
                for document, found in zip(documents, annotations, strict=True):
                    self.stat_update("total")
                    if not isinstance(found, Annotation):
                        self.stat_update("rejected")
                        yield document
                        continue
                    self.stat_update(f"verdict_{found.verdict}")
                    document.metadata[self.key] = found.to_record()
                    if found.is_repost and self.action != "annotate":
                        self.stat_update("dropped")
                        if writer:
                            writer.write(document, rank)
                        continue
                    self.stat_update("forwarded")
                    self.update_doc_stats(document)
                    yield document


class CreditStep(_PipelineStep):  # type: ignore[misc]  # as above
    """Puts the agencies that a text says it derives from into its metadata; needs no store.

    Args:
        fields: Key of the metadata to read for a field.
        key: Key of the metadata for the list of agencies.
    """

    name = "🗞 Credits"
    type = "🔗 - PROVENANCE"

    def __init__(self, *, fields: Fields | None = None, key: str = "agencies") -> None:
        super().__init__()
        self.fields = check_fields(fields)
        self.key = key

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Any]:  # noqa: ARG002
        """Yield the documents of `data` with their agencies."""
        for document in data:
            with self.track_time(), contextlib.suppress(InputError):
                article = article_from_record(_record(document), self.fields)
                document.metadata[self.key] = list(agencies_of(attribute(article)))
            self.stat_update("total")
            yield document


def _record(document: Any) -> Mapping[str, Any]:
    return {**document.metadata, "text": document.text, "id": document.id}


def _batches(data: Iterable[Any]) -> Iterator[list[Any]]:
    documents = iter(data)
    return iter(lambda: list(islice(documents, _BATCH)), [])
