"""A tracker behind HTTP: many machines observe, the one service they ask writes.

Every hook takes the address of a service (``http://news:8377``) in the place of a path; this is what it opens
then.  It waits and asks again while the service is busy, restarts or cannot be reached, which is safe because
a second delivery gets the same answer; the time for this is limited.

Limits: the service must read the fields of articles by their own names (no ``--map``).
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import attrs
import orjson

from provenance.closing import Closing
from provenance.codec import article_to_record, link_from_record, mention_from_record
from provenance.errors import InputError, SettingError, StoreUnreachable
from provenance.export.records import dump_json
from provenance.model import Article, Link, Mention

__all__ = ["RemoteObservation", "RemoteTracker"]

_PATH = "/v1/documents:batch?detail=full"

#: What is sent at once: well below what a service takes.
_MOST_ARTICLES, _MOST_BYTES = 256, 8 << 20

#: Seconds before a failed request is sent again, doubled each time up to the second.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0


@attrs.frozen(kw_only=True)
class RemoteObservation:
    """What a service says about one article, as a tracker would."""

    id: str
    verdict: str
    story: str
    links: tuple[Link, ...]
    mentions: tuple[Mention, ...]


class RemoteTracker(Closing):
    """Observes articles through a service.  Safe to call from several threads, which wait for each other.

    Args:
        address: ``http://host:port`` or ``https://...``.
        token: The service's, if it asks for one.
        patience: Seconds to go on asking a service that is busy or does not answer.

    Raises:
        SettingError: The address is none.
    """

    def __init__(self, address: str, *, token: str = "", patience: float = 60.0) -> None:
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            msg = f"{address!r} is no address of a service; give one such as http://localhost:8377"
            raise SettingError(msg)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._address = address
        self._connection = kind(parts.hostname, parts.port, timeout=patience)
        self._path = parts.path.rstrip("/") + _PATH
        self._headers = {"Content-Type": "application/x-ndjson"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._patience = patience
        self._lock = Lock()

    def close(self) -> None:
        """Close the connection; the next articles open it again."""
        with self._lock:
            self._connection.close()

    def observe_many(self, articles: Sequence[Article]) -> list[RemoteObservation]:
        """Observe articles, and say what is known of each; see :class:`provenance.engine.tracking.Tracker`.

        Raises:
            StoreUnreachable: The service did not answer for as long as it was waited for.
            SettingError: It wants another token.
            InputError: It takes one of the articles for none.
        """
        with self._lock:
            return [seen for lines in _requests(articles) for seen in self._observe(lines)]

    def _observe(self, lines: bytes) -> list[RemoteObservation]:
        return [_observation(orjson.loads(line)) for line in self._post(lines).splitlines()]

    def _post(self, body: bytes) -> bytes:
        deadline = time.monotonic() + self._patience
        pause = _FIRST_PAUSE
        while True:
            status, answer = self._try(body)
            if status == 200:
                return answer
            if status == 401:
                msg = f"{self._address} asks for another token; set PROVENANCE_TOKEN"
                raise SettingError(msg)
            if status not in {0, 429, 502, 503, 504}:
                raise InputError(answer.decode(errors="replace"), source=self._address)
            if time.monotonic() + pause > deadline:
                what = answer.decode(errors="replace")
                raise StoreUnreachable(self._address, what)
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _try(self, body: bytes) -> tuple[int, bytes]:
        """Return status and answer; 0 and why if there is none."""
        try:
            self._connection.request("POST", self._path, body, self._headers)
            response = self._connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            return 0, str(error).encode()


def _requests(articles: Sequence[Article]) -> Iterator[bytes]:
    lines: list[bytes] = []
    size = 0
    for article in articles:
        line = dump_json(article_to_record(article))
        if lines and (len(lines) == _MOST_ARTICLES or size + len(line) > _MOST_BYTES):
            yield b"\n".join(lines)
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield b"\n".join(lines)


def _observation(record: dict[str, Any]) -> RemoteObservation:
    if "error" in record:
        raise InputError(record["error"])
    return RemoteObservation(
        id=record["id"],
        verdict=record["verdict"],
        story=record["story"],
        links=tuple(map(link_from_record, record["links"])),
        mentions=tuple(map(mention_from_record, record["mentions"])),
    )
