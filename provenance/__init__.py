"""Who took which news from whom: copies, credits and lineage, in any script.

The names below are loaded when they are first touched, so that importing this package costs nothing
and loads no numeric library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provenance.engine.batch import Trace as Trace
    from provenance.engine.batch import trace as trace
    from provenance.engine.comparing import compare as compare
    from provenance.engine.crediting import attribute as attribute
    from provenance.engine.deduping import dedupe as dedupe
    from provenance.engine.observing import Observation as Observation
    from provenance.engine.tracking import Tracker as Tracker
    from provenance.errors import ProvenanceError as ProvenanceError
    from provenance.model import Article as Article
    from provenance.model import Link as Link
    from provenance.model import Mention as Mention
    from provenance.model import Story as Story

__all__ = [
    "Article",
    "Link",
    "Mention",
    "Observation",
    "ProvenanceError",
    "Story",
    "Trace",
    "Tracker",
    "attribute",
    "compare",
    "dedupe",
    "trace",
]

_HOME = {
    "Article": "provenance.model",
    "Link": "provenance.model",
    "Mention": "provenance.model",
    "Observation": "provenance.engine.observing",
    "ProvenanceError": "provenance.errors",
    "Story": "provenance.model",
    "Trace": "provenance.engine.batch",
    "Tracker": "provenance.engine.tracking",
    "attribute": "provenance.engine.crediting",
    "compare": "provenance.engine.comparing",
    "dedupe": "provenance.engine.deduping",
    "trace": "provenance.engine.batch",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            from importlib.metadata import version

            return version("news-provenance")
        if name not in _HOME:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)
        value = getattr(import_module(_HOME[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
