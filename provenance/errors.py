"""Every error the library raises on purpose, in one tree.

Errors are factored out to the lowest layer so that any module may raise them.  Each carries its facts
as attributes, and its message says what to do next::

    ProvenanceError
    +-- InputError (ValueError)          a file or record that cannot be used
    |   +-- DuplicateId (KeyError)       two records with one identifier
    +-- SettingError (ValueError)        a profile, flag or catalogue that makes no sense
    +-- FormatMismatch (ValueError)      stored sketches or records of another format
    +-- StoreLocked (OSError)            another process is writing
    +-- StoreDamaged (OSError)           a file of a store is not what was written
    +-- StoreUnreachable (ConnectionError)  the server of a store does not answer
    +-- MissingExtra (ImportError)       an optional library is not installed
"""

from __future__ import annotations

__all__ = [
    "DuplicateId",
    "FormatMismatch",
    "InputError",
    "MissingExtra",
    "ProvenanceError",
    "SettingError",
    "StoreDamaged",
    "StoreLocked",
    "StoreUnreachable",
]


class ProvenanceError(Exception):
    """Base of every error raised on purpose."""


class InputError(ProvenanceError, ValueError):
    """A file or record cannot be used.

    Attributes:
        reason: What is wrong, as a phrase without the place.
        source: The file the record came from, ``-`` for standard input, empty if unknown.
        line: Line or row number counted from 1; 0 if unknown.
    """

    def __init__(self, reason: str, *, source: str = "", line: int = 0) -> None:
        self.reason = reason
        self.source = source
        self.line = line
        place = f"{source}:{line}" if line else source
        super().__init__(f"{place}: {reason}" if place else reason)


class DuplicateId(InputError, KeyError):
    """Two records of one input carry the same identifier."""

    __str__ = Exception.__str__  # KeyError would print the repr of the message


class SettingError(ProvenanceError, ValueError):
    """A setting, profile or catalogue makes no sense; the message names it and what is allowed."""


class FormatMismatch(ProvenanceError, ValueError):
    """Sketches or records of different formats were about to be mixed.

    Attributes:
        found: The format that was met.
        expected: The format that this run uses.
    """

    def __init__(
        self, what: str, *, found: object, expected: object, remedy: str = "sketch the texts again"
    ) -> None:
        self.found = found
        self.expected = expected
        super().__init__(f"{what}: found {found}, expected {expected}; {remedy}")


class StoreLocked(ProvenanceError, OSError):
    """Another process holds the store."""


class StoreDamaged(ProvenanceError, OSError):
    """A file of a store is missing, cut short or altered; the articles themselves may be sound.

    Attributes:
        path: The file.
        reason: What is wrong with it.
    """

    def __init__(self, path: object, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"{path}: {reason}; if the articles are sound, "
            "`provenance store compact --rebuild` makes it anew from them"
        )


class StoreUnreachable(ProvenanceError, ConnectionError):
    """The server of a store does not answer, or went away; what it acknowledged is kept.

    Attributes:
        where: The store.
        reason: What the server or the network said.
    """

    def __init__(self, where: str, reason: str) -> None:
        self.where = where
        self.reason = reason
        super().__init__(
            f"{where} cannot be reached ({reason}); see that the server runs and that address, user "
            "and password are right, then do it again: nothing is taken in twice"
        )


class MissingExtra(ProvenanceError, ImportError):
    """An optional library is needed and not installed.

    Attributes:
        library: The import name of the library.
        extra: The extra of this distribution that brings it.
    """

    def __init__(self, library: str, extra: str) -> None:
        self.library = library
        self.extra = extra
        super().__init__(
            f"{library} is needed for this and not installed; "
            f'run: pip install "news-provenance[{extra}]"'
        )
