"""Kafka: articles come in on one topic and go on, annotated, on another.

::

    with Tracker.open("news.db") as tracker:
        topic = KafkaTopic("localhost:9092", source="articles", out="annotated")
        consume(topic, Handler(tracker))

See :mod:`provenance.hooks.streams` for what happens when, and what is promised.  A store has one writer: an
embedded one is fed by one consumer, whatever the number of partitions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from provenance._extras import load_confluent_kafka
from provenance.hooks.streams import Delivery, Handled

__all__ = ["KafkaTopic"]


class KafkaTopic:
    """Kafka: a consumer of a group, and a producer; offsets are committed when all is delivered.

    Args:
        servers: Addresses of brokers, ``localhost:9092``.
        source: Topic to read.
        out: Topic for annotated messages; each keeps its key.
        copies: Topic for routed copies.
        dead: Topic for dead letters, which carry the reason in a header.
        group: Consumer group.
        settings: Further settings of ``librdkafka`` for both sides (security, timeouts).
    """

    def __init__(
        self,
        servers: str,
        *,
        source: str,
        out: str,
        copies: str = "copies",
        dead: str = "dead",
        group: str = "provenance",
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        kafka = load_confluent_kafka()
        common = {"bootstrap.servers": servers, **(settings or {})}
        self._error: Any = kafka.KafkaException
        self._targets = {"out": out, "copies": copies, "dead": dead}
        self._producer: Any = kafka.Producer({**common, "enable.idempotence": True})
        self._consumer: Any = kafka.Consumer(
            {
                **common,
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )
        self._consumer.subscribe([source])

    def take(self, count: int, seconds: float) -> list[Delivery]:
        """Return up to `count` messages, or what came in `seconds`.

        Raises:
            OSError: The brokers report a failure that does not pass by itself.
        """
        deliveries = []
        for message in self._consumer.consume(count, seconds):
            if error := message.error():
                if error.retriable() or not error.fatal():
                    continue  # the client goes on by itself
                raise OSError(str(error))
            name = f"{message.topic()}:{message.partition()}:{message.offset()}"
            deliveries.append(Delivery(body=message.value() or b"", name=name, tag=message))
        return deliveries

    def settle(self, deliveries: Sequence[Delivery], handled: Sequence[Handled]) -> None:
        """Send, wait until the brokers have it, commit the offsets.

        Raises:
            OSError: Something could not be sent; no offset is committed.
        """
        failures: list[str] = []

        def sent(error: Any, _message: Any) -> None:
            if error is not None:
                failures.append(str(error))

        for delivery, one in zip(deliveries, handled, strict=True):
            if one.outlet != "none":
                self._producer.produce(
                    self._targets[one.outlet],
                    one.body,
                    key=delivery.tag.key(),
                    headers=[("reason", one.reason)] if one.reason else None,
                    on_delivery=sent,
                )
        left = self._producer.flush()
        if failures or left:
            msg = failures[0] if failures else f"{left} messages were not sent"
            raise OSError(msg)
        self._consumer.commit(offsets=self._next_offsets(deliveries), asynchronous=False)

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _next_offsets(self, deliveries: Sequence[Delivery]) -> list[Any]:
        partition = load_confluent_kafka().TopicPartition
        following: dict[tuple[str, int], int] = {}
        for delivery in deliveries:
            place = (delivery.tag.topic(), delivery.tag.partition())
            following[place] = max(following.get(place, 0), delivery.tag.offset() + 1)
        return [partition(topic, number, offset) for (topic, number), offset in following.items()]
