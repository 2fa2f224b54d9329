"""Streams of messages: annotate what comes in on one, and hand it on to the next.

A message is a JSON object, one article.  :class:`Handler` turns a batch of messages into what is to be
sent; :func:`consume` takes batches from a broker and sends them on, in this order:

1. take up to `count` messages, or what came in `seconds`;
2. observe them: when this returns, the store has committed;
3. send annotations, routed copies, and what could not be read (to the *dead letters*, with the reason);
4. acknowledge.

Whatever is killed between two steps is delivered again, and a tracker gives the same answer again; so every
message is sent on at least once, with one and the same annotation.  Redis does steps 3 and 4 in one
transaction: there it is exactly once.

A message that cannot be read goes to the dead letters, and so does one with which the tracker fails while it takes
others.  An ``OSError`` (disk full, store locked, server gone) is nobody's message's fault: it ends the loop, and
nothing is acknowledged.

Brokers are :class:`~provenance.hooks.redis.RedisStream`, :class:`~provenance.hooks.kafka.KafkaTopic` and
:class:`~provenance.hooks.nats.NatsSubject`; a further one is a class with the three methods of :class:`Broker`.
Where something else moves the messages (FastStream, a cloud function), call :meth:`Handler.handle_batch`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

import attrs

from provenance.errors import InputError, ProvenanceError
from provenance.export.records import dump_json
from provenance.hooks.annotating import (
    ANNOTATION,
    Annotation,
    Fields,
    Observer,
    Rejection,
    annotate_records,
    check_action,
    check_fields,
)
from provenance.ingest.rows import json_row

__all__ = [
    "Broker",
    "Delivery",
    "Handled",
    "Handler",
    "consume",
]

Outlet = Literal["out", "copies", "dead", "none"]


@attrs.frozen(kw_only=True)
class Delivery:
    """A message as a broker delivered it.

    Attributes:
        body: Its bytes.
        name: What the broker calls it, the same when it is delivered again; empty if nothing.
        tag: What the broker needs to acknowledge it.
    """

    body: bytes
    name: str = ""
    tag: Any = None


@attrs.frozen(kw_only=True)
class Handled:
    """What became of a message.

    Attributes:
        outlet: Where `body` is to go: to the ``out`` stream, to that of ``copies``, to the ``dead`` letters, or
            nowhere, because copies are dropped.
        body: What is to be sent; a dead letter as it came.
        reason: Why a dead letter is one.
    """

    outlet: Outlet
    body: bytes
    reason: str = ""


class Handler:
    """Messages in, messages out.

    Args:
        observer: An open tracker.
        fields: Key of the messages to read for a field.
        action: What is to be done with copies: ``annotate``, ``drop`` or ``route``.

    Raises:
        SettingError: An argument makes no sense.
    """

    def __init__(
        self, observer: Observer, *, fields: Fields | None = None, action: str = "annotate"
    ) -> None:
        self.action = check_action(action)
        self._observer = observer
        self._fields = check_fields(fields)

    def handle_batch(self, messages: Sequence[bytes]) -> list[bytes]:
        """Return what goes on: the messages with ``_prov``, in order, without copies if they are dropped.

        Messages that cannot be read, and copies that are routed, are left out; :meth:`handle` has them.
        """
        handled = self.handle([Delivery(body=body) for body in messages])
        return [one.body for one in handled if one.outlet == "out"]

    def handle(self, deliveries: Sequence[Delivery]) -> list[Handled]:
        """Return what became of every message; the store holds their articles then.

        Raises:
            OSError: The store cannot be used; nothing is to be acknowledged.
        """
        records = [_record(delivery.body) for delivery in deliveries]
        sound = [place for place, record in enumerate(records) if isinstance(record, Mapping)]
        found: list[Annotation | Rejection] = [
            record if isinstance(record, Rejection) else Rejection(reason="") for record in records
        ]
        for place, annotation in zip(
            sound,
            self._observe([(records[place], deliveries[place].name) for place in sound]),
            strict=True,
        ):
            found[place] = annotation
        return [
            self._handled(delivery, record, one)
            for delivery, record, one in zip(deliveries, records, found, strict=True)
        ]

    def _observe(self, named: Sequence[tuple[Any, str]]) -> list[Annotation | Rejection]:
        try:
            return annotate_records(
                [record for record, _ in named],
                self._observer,
                fields=self._fields,
                names=[name for _, name in named],
            )
        except Exception as error:  # one bad article must not stop the stream
            if not _may_blame_article(error):
                raise
            if len(named) == 1:
                return [Rejection(reason=f"{type(error).__name__}: {error}")]
            found = [one for single in named for one in self._observe([single])]
            if not any(isinstance(one, Annotation) for one in found):
                raise  # no article is to blame if none is taken
            return found

    def _handled(self, delivery: Delivery, record: Any, found: Annotation | Rejection) -> Handled:
        if isinstance(found, Rejection):
            reason = " ".join(found.reason.split())  # on one line, as headers have to be
            return Handled(outlet="dead", body=delivery.body, reason=reason)
        body = dump_json({**record, ANNOTATION: found.to_record()})
        if not found.is_repost or self.action == "annotate":
            return Handled(outlet="out", body=body)
        return Handled(outlet="copies" if self.action == "route" else "none", body=body)


def _may_blame_article(error: Exception) -> bool:
    """Say whether an article may have caused this; a store or a setting is not the fault of one."""
    if isinstance(error, ProvenanceError):
        return isinstance(error, InputError)
    return not isinstance(error, OSError | MemoryError)


def _record(body: bytes) -> Mapping[str, Any] | Rejection:
    row = json_row(1, 0, body) if body else None
    if row is None:
        return Rejection(reason="empty message")
    return Rejection(reason=row.reason) if row.reason else row.values


class Broker(Protocol):
    """Where messages come from and go to."""

    def take(self, count: int, seconds: float) -> Sequence[Delivery]:
        """Return up to `count` messages, or what came in `seconds`."""

    def settle(self, deliveries: Sequence[Delivery], handled: Sequence[Handled]) -> None:
        """Send on what became of messages; when it is sent, acknowledge them."""

    def close(self) -> None:
        """Let go; what was not acknowledged is delivered again."""


def consume(
    broker: Broker,
    handler: Handler,
    *,
    count: int = 256,
    seconds: float = 0.2,
    stop: threading.Event | None = None,
    on_batch: Callable[[Sequence[Handled]], None] | None = None,
) -> int:
    """Handle messages until told to stop.

    Args:
        broker: Where they come from and go to; left open.
        handler: What is done with them.
        count: Messages of a batch at most.
        seconds: Time that a batch may wait for more of them; the price of an article that comes alone.
        stop: When set, the batch at hand is finished and the function returns.
        on_batch: Called after every batch that held something.

    Returns:
        How many messages were handled.

    Raises:
        OSError: Store or broker cannot be used; what was not acknowledged is delivered again.
    """
    total = 0
    while stop is None or not stop.is_set():
        deliveries = broker.take(count, seconds)
        if not deliveries:
            continue
        handled = handler.handle(deliveries)
        broker.settle(deliveries, handled)
        total += len(handled)
        if on_batch:
            on_batch(handled)
    return total
