"""Scrapy: an item pipeline that says of every item whether it was seen before, and whose it is.

In the settings of a project::

    ITEM_PIPELINES = {"provenance.hooks.scrapy.ProvenancePipeline": 300}
    PROVENANCE_STORE = "news.db"
    PROVENANCE_MAP = "text=body,publisher=site"

Items may be anything that Scrapy takes.  The store is used on a thread of its own, which takes all items
that wait as one batch; the crawl goes on meanwhile.

Other settings: ``PROVENANCE_ACTION`` is ``annotate`` (default), ``drop`` or ``route``; routed items go to
the file ``PROVENANCE_ROUTE`` (JSON Lines) and no further.  ``PROVENANCE_KEY`` is the key of the annotation,
``_prov`` where left out.  An item without text passes as it is, and is counted.

Figures in the crawler's stats: ``provenance/items``, ``provenance/verdict/VERDICT``, ``provenance/dropped``,
``provenance/routed``, ``provenance/rejected``.

news-please is a Scrapy project: name the pipeline in its ``ITEM_PIPELINES`` and map its fields with
``NEWS_PLEASE``.  Its items have a fixed set of fields, to which the annotation's is added.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import IO, Any

from provenance._extras import load_itemadapter, load_scrapy, load_twisted
from provenance.errors import InputError, SettingError
from provenance.hooks.annotating import (
    ANNOTATION,
    Annotation,
    Fields,
    Observer,
    annotation_of,
    article_from_record,
    check_action,
    check_fields,
    opener_of,
)
from provenance.hooks.gathering import Gatherer

__all__ = ["NEWS_PLEASE", "ProvenancePipeline"]

NEWS_PLEASE = (
    "text=article_text,title=article_title,byline=article_author,url=url,"
    "published=article_publish_date,publisher=source_domain,language=article_language"
)
"""``PROVENANCE_MAP`` for the items of news-please."""


class ProvenancePipeline:
    """The pipeline; Scrapy makes it from the settings.

    Args:
        store: Path or address of a store, or an open tracker.
        fields: Key of the items to read for a field.
        action: What is to be done with copies: ``annotate``, ``drop`` or ``route``.
        route: File for routed items.
        key: Key of the annotation.
        stats: The crawler's.
    """

    def __init__(
        self,
        store: str | Observer,
        *,
        fields: Fields | None = None,
        action: str = "annotate",
        route: str = "",
        key: str = ANNOTATION,
        stats: Any = None,
    ) -> None:
        self._gatherer = Gatherer(opener_of(store))
        self._fields = check_fields(fields)
        self._action = check_action(action)
        if self._action == "route" and not route:
            msg = "PROVENANCE_ACTION is route and no file is named; set PROVENANCE_ROUTE"
            raise SettingError(msg)
        self._route = route
        self._routed: IO[str] | None = None
        self._key = key
        self._stats = stats
        self._adapter: Any = load_itemadapter().ItemAdapter
        self._drop: Any = load_scrapy("exceptions").DropItem
        self._encode: Any = load_scrapy("utils.serialize").ScrapyJSONEncoder().encode

    @classmethod
    def from_crawler(cls, crawler: Any) -> ProvenancePipeline:
        """Make the pipeline from the crawler's settings.

        Raises:
            SettingError: A setting is missing or makes no sense.
        """
        settings = crawler.settings
        store = settings.get("PROVENANCE_STORE")
        if not store:
            msg = "no store is named; set PROVENANCE_STORE, such as 'news.db' (made where it is not there)"
            raise SettingError(msg)
        return cls(
            store,
            fields=settings.get("PROVENANCE_MAP"),
            action=settings.get("PROVENANCE_ACTION", "annotate"),
            route=settings.get("PROVENANCE_ROUTE", ""),
            key=settings.get("PROVENANCE_KEY", ANNOTATION),
            stats=crawler.stats,
        )

    def open_spider(self, spider: Any = None) -> None:  # noqa: ARG002 - older releases give it
        """Open the store."""
        if self._action == "route":
            self._routed = Path(self._route).open("a", encoding="utf-8")  # noqa: SIM115 - see close_spider
        self._gatherer.start()

    async def process_item(self, item: Any, spider: Any = None) -> Any:  # noqa: ARG002 - as above
        """Annotate an item, or take it out if that was asked for.

        Raises:
            DropItem: The item is a copy, and copies are dropped or routed.
            SettingError: The item's class has no field for the annotation.
        """
        adapter = self._adapter(item)
        try:
            article = article_from_record(adapter.asdict(), self._fields)
        except InputError:
            self._count("rejected")
            return item
        [seen] = await _awaitable(self._gatherer.observe([article]))
        annotation = annotation_of(article, seen)
        self._count("items")
        self._count(f"verdict/{annotation.verdict}")
        self._annotate(adapter, annotation)
        if not annotation.is_repost or self._action == "annotate":
            return item
        if self._routed:
            self._routed.write(f"{self._encode(item)}\n")
            self._count("routed")
        else:
            self._count("dropped")
        [first, *_] = (link["id"] for link in annotation.links if link["kind"] == "repost")
        msg = f"{annotation.id} is a copy of {first}"
        raise self._drop(msg)

    def close_spider(self, spider: Any = None) -> None:  # noqa: ARG002 - as above
        """Close the store."""
        self._gatherer.close()
        if self._routed:
            self._routed.close()

    def _annotate(self, adapter: Any, annotation: Annotation) -> None:
        fields = getattr(adapter.item, "fields", None)
        if isinstance(fields, dict) and self._key not in fields:
            fields[self._key] = {}  # scrapy.Item: what a declaration in its class would have done
        try:
            adapter[self._key] = annotation.to_record()
        except KeyError as cause:
            kind = type(adapter.item).__name__
            msg = (
                f"{kind} has no field {self._key!r} for the annotation; "
                "add one, or name one it has with PROVENANCE_KEY"
            )
            raise SettingError(msg) from cause

    def _count(self, what: str) -> None:
        if self._stats is not None:
            self._stats.inc_value(f"provenance/{what}")


def _awaitable(future: Future[Any]) -> Any:
    """Return what a coroutine of Scrapy can await, whichever reactor runs it."""
    if load_scrapy("utils.asyncio").is_asyncio_available():
        return asyncio.wrap_future(future)
    reactor = load_twisted("internet.reactor")
    deferred = load_twisted("internet.defer").Deferred()

    def hand_over() -> None:
        error = future.exception()
        if error is None:
            deferred.callback(future.result())
        else:
            deferred.errback(error)

    future.add_done_callback(lambda _: reactor.callFromThread(hand_over))
    return deferred
