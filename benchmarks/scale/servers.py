"""Take articles in, batch after batch, in the embedded store and in stores on servers, in one run.

    python benchmarks/scale/servers.py ARTICLES.jsonl [--count N] [--store NAME ...] [--peer N]

ARTICLES.jsonl comes from ``generate.py``.  The servers are started here, on a socket, and gone
afterwards.  For each store: microseconds an article that look-ups take (keys, identifiers, documents,
traits), that commits take, and ``observe_many`` as a whole (verbatim view, credits not read, commits
waited for as each store does by default), over all articles and over the last tenth; then its size
for each article.  With `redis` the memory of the server is compared with what datasketch's
``MinHashLSH`` takes on the same server for the first ``--peer`` of them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tracking import read_articles, shingles

from provenance.config import Profile
from provenance.engine.tracking import Tracker, manifest_of
from provenance.model import Article
from provenance.stores.opening import open_store
from provenance.testing.servers import PostgresServer, RedisServer

_BATCH = 1000
_LOOKS = frozenset(["lookup", "traits", "find", "superseded", "documents", "links", "members"])


class Timed:
    """A store, and how long was spent in it."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.looking = self.writing = 0.0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in _LOOKS and name != "commit":
            return found

        def timed(*values: Any) -> Any:
            start = time.perf_counter()
            answer = found(*values)
            spent = time.perf_counter() - start
            if name in _LOOKS:
                self.looking += spent
            else:
                self.writing += spent
            return answer

        return timed


def measure(name: str, place: Path | str, articles: Iterator[Article], count: int) -> int:
    store = Timed(open_store(place, manifest_of(Profile(), attribute=False)))
    spent, since, done, links = 0.0, (0.0, 0.0, 0.0), 0, 0
    with Tracker(store, attribute=False) as tracker:
        while done < count:
            if done == count * 9 // 10 // _BATCH * _BATCH:
                since, tenth = (store.looking, store.writing, spent), done
            batch = list(islice(articles, min(_BATCH, count - done)))
            start = time.perf_counter()
            links += sum(len(seen.links) for seen in tracker.observe_many(batch))
            spent += time.perf_counter() - start
            done += len(batch)
        figures = [store.looking, store.writing, spent]
        size = store.info()["bytes"]
        keys = {
            n: v
            for n, v in store.info().items()
            if n in ("entry_bytes", "run_bytes", "content_bytes")
        }
    whole = [figure / done * 1e6 for figure in figures]
    last = [
        (figure - before) / (done - tenth) * 1e6
        for figure, before in zip(figures, since, strict=True)
    ]
    for title, (looking, writing, total) in (("all", whole), (f"last {done - tenth:,}", last)):
        print(
            f"{name:<10} {title:>12}: look-ups {looking:7.1f}  commits {writing:7.1f}  "
            f"observe_many {total:7.1f} us an article"
        )
    parts = ", ".join(f"{n.removesuffix('_bytes')} {v / done:,.0f}" for n, v in keys.items())
    print(
        f"{name:<10} {done:,} articles, {links:,} links; {size / done:,.0f} bytes an article ({parts})",
        flush=True,
    )
    return size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--store", nargs="+", default=["embedded", "postgres", "redis"])
    parser.add_argument("--peer", type=int, default=5_000)
    options = parser.parse_args()
    articles = list(islice(read_articles(options.articles), options.count))
    with tempfile.TemporaryDirectory() as folder:
        measure("warming up", Path(folder) / "warm", iter(articles[:2000]), 2000)
        if "embedded" in options.store:
            measure("embedded", Path(folder) / "store", iter(articles), len(articles))
    if "postgres" in options.store:
        server = PostgresServer()
        try:
            measure("postgres", server.url, iter(articles), len(articles))
        finally:
            server.close()
    if "redis" in options.store:
        server = RedisServer()
        try:
            before = used_memory(server.url)
            size = measure("redis", server.url, iter(articles), len(articles)) - before
            print(
                f"redis      {size / len(articles):,.0f} bytes an article without the empty server"
            )
        finally:
            server.close()
        peer(articles[: options.peer])


def used_memory(url: str) -> int:
    import redis

    return redis.Redis.from_url(url).info("memory")["used_memory"]


def peer(articles: list[Article]) -> None:
    from datasketch import MinHash, MinHashLSH
    from xxhash import xxh32_intdigest

    server = RedisServer()
    try:
        before = used_memory(server.url)
        connection = {"unix_socket_path": server.url.removeprefix("unix://")}
        index = MinHashLSH(
            threshold=0.5,
            num_perm=128,
            storage_config={"type": "redis", "basename": b"peer", "redis": connection},
        )
        found, start = 0, time.perf_counter()
        for article in articles:
            sketch = MinHash(num_perm=128, hashfunc=xxh32_intdigest)
            sketch.update_batch(list(shingles(article.text)))
            found += len(index.query(sketch))
            index.insert(article.id, sketch)
        spent = time.perf_counter() - start
        size = used_memory(server.url) - before
    finally:
        server.close()
    print(
        f"datasketch MinHashLSH on the same server, {len(articles):,} articles, {index.b} bands of "
        f"{index.r}: {spent / len(articles) * 1e6:,.0f} us an article, {found:,} candidates, "
        f"{size / len(articles):,.0f} bytes an article, no text and no signature kept"
    )


if __name__ == "__main__":
    main()
