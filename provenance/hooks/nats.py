"""NATS JetStream: articles come in on one subject and go on, annotated, on another.

::

    with Tracker.open("news.db") as tracker:
        subject = NatsSubject("nats://localhost", source="articles", out="annotated")
        consume(subject, Handler(tracker))

See :mod:`provenance.hooks.streams` for what happens when, and what is promised.  What is sent carries the
header by which the server drops what it was sent twice within two minutes (its default).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from provenance._extras import load_nats
from provenance.hooks.streams import Delivery, Handled

__all__ = ["NatsSubject"]


class NatsSubject:
    """NATS JetStream: a durable pull consumer.

    Args:
        url: Address of the server, ``nats://localhost:4222``.
        source: Subject to read; a stream must hold it.
        out: Subject for annotated messages; a stream must hold it too, and those below.
        copies: Subject for routed copies.
        dead: Subject for dead letters, which carry the reason in a header.
        durable: Name of the consumer.
    """

    def __init__(
        self,
        url: str,
        *,
        source: str,
        out: str,
        copies: str = "copies",
        dead: str = "dead",
        durable: str = "provenance",
    ) -> None:
        self._durable = durable
        self._targets = {"out": out, "copies": copies, "dead": dead}
        self._timeout: Any = load_nats("errors").TimeoutError
        self._runner = asyncio.Runner()
        try:
            self._runner.run(self._connect(url, source, durable))
        except BaseException:
            self._runner.close()
            raise

    async def _connect(self, url: str, source: str, durable: str) -> None:
        client: Any = load_nats("aio.client").Client()
        await client.connect(url)
        self._client = client
        self._stream: Any = client.jetstream()
        self._consumer: Any = await self._stream.pull_subscribe(source, durable)

    def take(self, count: int, seconds: float) -> list[Delivery]:
        """Return up to `count` messages, or what came in `seconds`."""
        return self._runner.run(self._take(count, seconds))

    def settle(self, deliveries: Sequence[Delivery], handled: Sequence[Handled]) -> None:
        """Send, wait until the server has it, acknowledge."""
        self._runner.run(self._settle(deliveries, handled))

    def close(self) -> None:
        """Close the connection."""
        self._runner.run(self._client.close())
        self._runner.close()

    async def _take(self, count: int, seconds: float) -> list[Delivery]:
        try:
            messages = await self._consumer.fetch(count, seconds)
        except self._timeout:
            return []
        return [
            Delivery(
                body=message.data,
                name=f"{message.metadata.stream}:{message.metadata.sequence.stream}",
                tag=message,
            )
            for message in messages
        ]

    async def _settle(self, deliveries: Sequence[Delivery], handled: Sequence[Handled]) -> None:
        await asyncio.gather(
            *(
                self._stream.publish(
                    self._targets[one.outlet],
                    one.body,
                    headers={
                        "Nats-Msg-Id": f"{self._durable}:{delivery.name}",
                        **({"reason": one.reason} if one.reason else {}),
                    },
                )
                for delivery, one in zip(deliveries, handled, strict=True)
                if one.outlet != "none"
            )
        )
        for delivery in deliveries:
            await delivery.tag.ack()
        await self._client.flush()
