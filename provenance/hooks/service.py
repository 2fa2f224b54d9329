"""An HTTP service: one process owns a store, and whoever speaks HTTP asks it.

======================================  =================================================================
``POST /v1/documents:batch``            observe articles (JSON Lines, or a JSON array); one answer each, in order;
                                        with ``?detail=full`` as ``GET /v1/documents`` has it
``POST /v1/documents:query``            say what would be said of one article, and remember nothing
``GET /v1/documents?id=ID``             what is known of an article: verdict, links, mentions
``DELETE /v1/documents?id=ID``          erase an article and all that was derived from it
``GET /v1/stories?document=ID``         the story an article is in, with its lineage
``GET /healthz``                        200 while the service can answer
``GET /metrics``                        counts and times in the text format of Prometheus
``GET /openapi.json``                   all of this for programs
======================================  =================================================================

Identifiers are often addresses, and stand in the query string, not in the path, because proxies rewrite paths.

Requests of many clients are gathered into batches for the store; an answer to ``documents:batch`` is given when
its articles are committed.  When more articles wait than `most_waiting`, further ones are refused with 429 and a
``Retry-After``; nothing of a refused request is observed.  A request that is sent again gets the same answer.

Served by any ASGI server with one worker, ``provenance serve`` among them.  Limits: one process, since a store has
one writer; no encryption, which is the business of the proxy in front.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

import attrs
import orjson

from provenance._extras import load_starlette
from provenance.codec import link_to_record, mention_to_record, story_to_record
from provenance.errors import InputError, SettingError
from provenance.hooks.annotating import (
    Fields,
    Observed,
    Observer,
    annotation_of,
    article_from_record,
    check_fields,
    opener_of,
)
from provenance.hooks.gathering import Gatherer
from provenance.hooks.metering import Meter
from provenance.ingest.rows import json_row
from provenance.model import Article, Link

__all__ = ["ServiceConfig", "create_app"]

_NDJSON = "application/x-ndjson"

#: Answered without the token: a health check has none, and the description holds no secret.
_OPEN = ("/healthz", "/openapi.json")


@attrs.frozen(kw_only=True)
class ServiceConfig:
    """How a service is run.

    Attributes:
        store: Path or address of a store, or an open tracker, which is left open.
        fields: Key of the documents to read for a field.
        token: What clients must send as ``Authorization: Bearer TOKEN``; empty for nothing.
        most_documents: Documents of a request.
        most_bytes: Bytes of a request's body.
        most_waiting: Documents that may wait for the store: four full batches, so that it is never idle
            while clients try again, and about a second of work.
    """

    store: str | Observer
    fields: Fields | None = None
    token: str = attrs.field(default="", repr=False)
    most_documents: int = 1000
    most_bytes: int = 32 << 20
    most_waiting: int = 1024


class _Refusal(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.headers = status, reason, dict(headers or {})


def create_app(config: ServiceConfig | None = None) -> Any:
    """Return the ASGI application; the store is opened when it starts and closed when it stops.

    Args:
        config: How it is run; where left out, ``PROVENANCE_STORE``, ``PROVENANCE_MAP`` and
            ``PROVENANCE_TOKEN`` of the environment say it, for servers that call a factory.

    Raises:
        SettingError: The configuration makes no sense.
        MissingExtra: Starlette is not installed.
    """
    return _Service(config or _config_of_environment()).app()


def _config_of_environment() -> ServiceConfig:
    store = os.environ.get("PROVENANCE_STORE", "")
    if not store:
        msg = (
            "no store is named; set PROVENANCE_STORE, such as news.db (made where it is not there)"
        )
        raise SettingError(msg)
    return ServiceConfig(
        store=store,
        fields=os.environ.get("PROVENANCE_MAP"),
        token=os.environ.get("PROVENANCE_TOKEN", ""),
    )


class _Service:
    def __init__(self, config: ServiceConfig) -> None:
        self._config = config
        self._fields = check_fields(config.fields)
        self._open = opener_of(config.store)
        self._gatherer = Gatherer(self._open)
        self._meter = Meter()
        self._response: Any = load_starlette("responses").Response

    def app(self) -> Any:
        route = load_starlette("routing").Route
        routes = [
            ("POST", "/v1/documents:batch", self._batch),
            ("POST", "/v1/documents:query", self._query),
            ("GET", "/v1/documents", self._document),
            ("DELETE", "/v1/documents", self._remove),
            ("GET", "/v1/stories", self._story),
            ("GET", "/healthz", self._health),
            ("GET", "/metrics", self._metrics),
            ("GET", "/openapi.json", self._openapi),
        ]
        return load_starlette("applications").Starlette(
            routes=[
                route(path, self._guarded(path, answer), methods=[method])
                for method, path, answer in routes
            ],
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, _app: Any) -> AsyncIterator[None]:
        self._gatherer = Gatherer(self._open)
        await asyncio.to_thread(self._gatherer.start)
        try:
            yield
        finally:
            await asyncio.to_thread(self._gatherer.close)

    def _guarded(self, path: str, answer: Callable[[Any], Awaitable[Any]]) -> Any:
        """Return the endpoint: token first, errors as JSON, everything counted."""

        async def endpoint(request: Any) -> Any:
            started = time.perf_counter()
            try:
                if path not in _OPEN:
                    self._admit(request)
                response = await answer(request)
            except _Refusal as refusal:
                response = self._json({"error": refusal.reason}, refusal.status)
                response.headers.update(refusal.headers)
            except InputError as error:
                response = self._json({"error": error.reason}, 400)
            except OSError as error:  # the store: disk full, damaged, server gone
                response = self._json({"error": str(error)}, 503)
            self._meter.request(
                f"{request.method} {path}", response.status_code, time.perf_counter() - started
            )
            return response

        return endpoint

    def _admit(self, request: Any) -> None:
        if not self._config.token:
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(token.strip().encode(), self._config.token.encode())
        if scheme.lower() != "bearer" or not same:
            reason = "send the header Authorization: Bearer TOKEN with the token of this service"
            raise _Refusal(401, reason, {"WWW-Authenticate": "Bearer"})

    # -- answers ----------------------------------------------------------------------------------

    async def _batch(self, request: Any) -> Any:
        lines = request.headers.get("content-type", "").partition(";")[0].strip() == _NDJSON
        full = request.query_params.get("detail") == "full"
        read = self._read(await self._body(request), lines=lines)
        if len(read) > self._config.most_documents:
            reason = f"{len(read)} documents; send up to {self._config.most_documents} at once"
            raise _Refusal(413, reason)
        articles = [item for item in read if isinstance(item, Article)]
        # An empty service takes any request, or a large one would be refused for ever.
        waiting = self._gatherer.waiting
        if waiting and waiting + len(articles) > self._config.most_waiting:
            reason = f"{waiting} documents wait already; send this again later"
            raise _Refusal(429, reason, {"Retry-After": "1"})
        observed = await asyncio.wrap_future(self._gatherer.observe(articles))
        answered = iter(observed)
        answers: list[dict[str, Any]] = []
        for item in read:
            if isinstance(item, Article):
                seen = next(answered)
                self._meter.document(seen.verdict)
                answers.append(
                    _found(item.id, seen, seen.links)
                    if full
                    else annotation_of(item, seen).to_record()
                )
            else:
                self._meter.document("rejected")
                answers.append({"error": item})
        if not lines:
            return self._json(answers)
        body = b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in answers)
        return self._response(body, media_type=_NDJSON)

    async def _query(self, request: Any) -> Any:
        record = _loads(await self._body(request))
        if not isinstance(record, dict):
            raise _Refusal(400, "send one JSON object, an article")
        article = article_from_record(record, self._fields)
        seen: Observed = await self._ask(lambda tracker: tracker.query(article))
        return self._json(_found(article.id, seen, seen.links))

    async def _document(self, request: Any) -> Any:
        identifier = _parameter(request, "id")
        seen, links = await self._ask(lambda t: (t.get(identifier), t.links([identifier])))
        if seen is None:
            raise _Refusal(404, f"there is no document {identifier!r}")
        return self._json(_found(identifier, seen, links))

    async def _remove(self, request: Any) -> Any:
        identifier = _parameter(request, "id")
        if not await self._ask(lambda tracker: tracker.remove([identifier])):
            raise _Refusal(404, f"there is no document {identifier!r}")
        return self._response(status_code=204)

    async def _story(self, request: Any) -> Any:
        identifier = _parameter(request, "document")
        story = await self._ask(lambda tracker: tracker.story(identifier))
        if story is None:
            raise _Refusal(404, f"there is no document {identifier!r}")
        return self._json(story_to_record(story))

    async def _health(self, _request: Any) -> Any:
        if not self._gatherer.alive:
            raise _Refusal(503, "the store is closed")
        return self._json({"status": "ok"})

    async def _metrics(self, _request: Any) -> Any:
        text = self._meter.render(waiting=self._gatherer.waiting)
        return self._response(text, media_type="text/plain; version=0.0.4")

    async def _openapi(self, _request: Any) -> Any:
        page = files("provenance.hooks").joinpath("data/openapi.json").read_bytes()
        return self._response(page, media_type="application/json")

    # -- reading and writing ----------------------------------------------------------------------

    def _ask(self, question: Callable[[Any], Any]) -> Awaitable[Any]:
        return asyncio.wrap_future(self._gatherer.ask(question))

    async def _body(self, request: Any) -> bytes:
        most = self._config.most_bytes
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise _Refusal(413, f"the body is larger than {most} bytes; send fewer at once")
        return bytes(body)

    def _read(self, body: bytes, *, lines: bool) -> list[Article | str]:
        """Return the articles of a body, and the reason in the place of what is none."""
        if lines:
            rows = [json_row(1, 0, line) for line in body.split(b"\n") if line]
            return [self._article(row.values, row.reason) for row in rows if row]
        records = _loads(body)
        if not isinstance(records, list):
            reason = f"send a JSON array of articles, or JSON Lines with Content-Type {_NDJSON}"
            raise _Refusal(400, reason)
        return [
            self._article(record, "")
            if isinstance(record, dict)
            else "not an object: an article is a JSON object"
            for record in records
        ]

    def _article(self, record: Mapping[str, Any], reason: str) -> Article | str:
        try:
            return reason or article_from_record(record, self._fields)
        except InputError as error:
            return error.reason

    def _json(self, value: Any, status: int = 200) -> Any:
        return self._response(orjson.dumps(value), status, media_type="application/json")


def _loads(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _Refusal(400, f"not JSON: {error}") from error


def _parameter(request: Any, name: str) -> str:
    value: str = request.query_params.get(name, "")
    if not value:
        raise _Refusal(400, f"say which: ?{name}=IDENTIFIER, percent-encoded")
    return value


def _found(identifier: str, seen: Observed, links: Any) -> dict[str, Any]:
    found: list[Link] = list(links)
    return {
        "id": identifier,
        "verdict": seen.verdict,
        "story": seen.story,
        "links": [link_to_record(link) for link in found],
        "mentions": [mention_to_record(mention) for mention in seen.mentions],
    }
