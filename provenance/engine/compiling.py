"""The first run after installing compiles the kernels for this machine, which takes a while.

Later runs find them in the cache beside the package (or in the user's cache folder where the package
cannot be written).  Whoever waits should know why.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["announce_compiling"]

_MESSAGE = "compiling for this machine: {}, once after installing"


def announce_compiling(note: Callable[[str], None], takes: str = "about a minute") -> None:
    """Call `note` once with a message, when and if something has to be compiled in this process.

    Args:
        note: What shows a line to a person.
        takes: How long it takes, in words.
    """
    event: Any = import_module("numba.core.event")  # it has no types

    class Announcement(event.Listener):  # type: ignore[misc]
        def on_start(self, _event: object) -> None:
            event.unregister("numba:compile", self)
            note(_MESSAGE.format(takes))

        def on_end(self, _event: object) -> None:
            """Nothing: the listener is gone by then."""

    event.register("numba:compile", Announcement())
