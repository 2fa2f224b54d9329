"""Redis Streams: articles come in on one stream and go on, annotated, on another.

::

    with Tracker.open("news.db") as tracker:
        stream = RedisStream("redis://localhost", source="articles", out="annotated")
        consume(stream, Handler(tracker))

See :mod:`provenance.hooks.streams` for what happens when, and what is promised.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from provenance._extras import load_redis
from provenance.hooks.streams import Delivery, Handled

__all__ = ["RedisStream"]


class RedisStream:
    """Redis Streams (or Valkey): a consumer of a group.

    The body of an entry is its field `field`; dead letters have ``reason`` and ``from`` beside it.  What a
    consumer that died had taken is taken over after `idle` seconds.

    Args:
        url: Address of the server, ``redis://localhost:6379/0``.
        source: Stream to read.
        out: Stream for annotated messages.
        copies: Stream for routed copies.
        dead: Stream for dead letters.
        group: Consumer group; made where it is not there, to read from the beginning.
        consumer: Name of this consumer; each running one needs its own.
        field: Field of an entry that holds the message.
        idle: Seconds after which a consumer that has not acknowledged is taken for dead.
    """

    def __init__(
        self,
        url: str,
        *,
        source: str,
        out: str,
        copies: str = "copies",
        dead: str = "dead",
        group: str = "provenance",
        consumer: str = "one",
        field: str = "body",
        idle: float = 60.0,
    ) -> None:
        redis = load_redis()
        self._client: Any = redis.Redis.from_url(url, protocol=2)  # answers of one shape
        self._source, self._group, self._consumer = source, group, consumer
        self._targets = {"out": out, "copies": copies, "dead": dead}
        self._field = field.encode()
        self._idle = round(idle * 1000)
        self._next_claim = 0.0
        self._own = True  # what this consumer had taken before it last died comes first
        try:
            self._client.xgroup_create(source, group, id="0", mkstream=True)
        except redis.ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    def take(self, count: int, seconds: float) -> list[Delivery]:
        """Return up to `count` messages, or what came in `seconds`."""
        entries = self._left_behind(count)
        deadline = time.monotonic() + seconds
        while not entries or len(entries) < count:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            entries += self._read(">", count - len(entries), block=max(1, round(left * 1000)))
        return [self._delivery(entry, values) for entry, values in entries]

    def settle(self, deliveries: Sequence[Delivery], handled: Sequence[Handled]) -> None:
        """Send and acknowledge in one transaction."""
        with self._client.pipeline(transaction=True) as pipeline:
            for delivery, one in zip(deliveries, handled, strict=True):
                if one.outlet == "none":
                    continue
                values: dict[Any, Any] = {self._field: one.body}
                if one.outlet == "dead":
                    values.update({"reason": one.reason, "from": delivery.tag})
                pipeline.xadd(self._targets[one.outlet], values)
            pipeline.xack(self._source, self._group, *(delivery.tag for delivery in deliveries))
            pipeline.execute()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _left_behind(self, count: int) -> list[tuple[bytes, Any]]:
        """Return what was taken once and never acknowledged, by this consumer or by a dead one."""
        if self._own:
            entries = self._read("0", count)
            self._own = bool(entries)
            if entries:
                return entries
        now = time.monotonic()
        if now < self._next_claim:
            return []
        self._next_claim = now + self._idle / 4000  # four times while a consumer is waited for
        claimed: list[tuple[bytes, Any]] = self._client.xautoclaim(
            self._source, self._group, self._consumer, self._idle, count=count
        )[1]
        return claimed

    def _read(self, start: str, count: int, block: int | None = None) -> list[tuple[bytes, Any]]:
        answer = self._client.xreadgroup(
            self._group, self._consumer, {self._source: start}, count=count, block=block
        )
        streams = answer.items() if isinstance(answer, Mapping) else answer or ()
        return [entry for _, entries in streams for entry in entries]

    def _delivery(self, entry: bytes, values: Mapping[bytes, bytes] | None) -> Delivery:
        # An entry may have been deleted while it was waited for: it has no values, and no body.
        body = (values or {}).get(self._field, b"")
        return Delivery(body=body, name=f"{self._source}:{entry.decode()}", tag=entry)
