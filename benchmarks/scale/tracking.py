"""Observe articles one batch after another, and print what it takes beside what others take.

    python benchmarks/scale/tracking.py ARTICLES.jsonl STORE [--count N] [--peer N] [--singles N]

ARTICLES.jsonl comes from ``generate.py``; STORE is a folder that is made, and must not be there yet.
Prints, in this order: microseconds an article of ``observe_many`` (verbatim view, credits not read) at
every tenth of the way; the size on disk; how long opening takes in a process of its own, and its memory;
single observations, once waiting for the disk and once not, beside a point look-up and an insertion in
plain SQLite; and datasketch's ``MinHashLSH`` in memory on the first articles (``--peer``), sketching,
query and insertion included, shingles cut with ``str.split``.  The peer holds fewer articles than the
store does, which is in its favor.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import orjson

from provenance.engine.tracking import Tracker
from provenance.model import Article, ArticleId

_BATCH = 5000
_FIELDS = ("id", "title", "publisher", "url", "published", "text")

_OPEN = """
import sys, time
from pathlib import Path
from provenance.engine.tracking import Tracker
def resident():
    pages = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    return int(pages)
import provenance.stores.embedded
before = resident()
start = time.perf_counter()
tracker = Tracker.open(sys.argv[1], attribute=False)
opened = time.perf_counter() - start
peak = resident()
print(f"opened in {opened:.3f} s; resident {peak / 1024:.0f} MB, of which the library {before / 1024:.0f} MB")
"""


def read_articles(path: Path) -> Iterator[Article]:
    with path.open("rb") as lines:
        for line in lines:
            record = orjson.loads(line)
            yield Article(**{name: record[name] for name in _FIELDS if name in record})


def observe_all(articles: Iterator[Article], store: Path, count: int) -> None:
    done, links, last = 0, 0, 0
    spent = since = processor = 0.0
    with Tracker.open(store, attribute=False) as tracker:
        while done < count and (batch := list(islice(articles, min(_BATCH, count - done)))):
            start, worked = time.perf_counter(), time.process_time()
            seen = tracker.observe_many(batch)
            since += time.perf_counter() - start
            processor += time.process_time() - worked
            done += len(batch)
            links += sum(len(item.links) for item in seen)
            if done * 10 // count > last * 10 // count or done == count:
                spent += since
                rate = since / (done - last) * 1e6
                print(f"{done:>9,} articles  {rate:6.1f} us each  {links:,} links", flush=True)
                since, last = 0.0, done
        info = tracker.info()
    print(
        f"observe_many: {spent / done * 1e6:.1f} us an article over all, {done / spent:,.0f} a second, "
        f"{processor / done * 1e6:.1f} us of a processor"
    )
    size, content = info["bytes"], info["content_bytes"]
    print(
        f"on disk: {size / done:.0f} bytes an article, {content / done:.0f} of them compressed text, "
        f"{(size - content) / done:.0f} the rest ({info['run_bytes'] / done:.0f} keys); {info['runs']} runs"
    )


def observe_singly(articles: list[Article], store: Path, *, sync: bool) -> None:
    with Tracker.open(store, attribute=False, sync=sync) as tracker:
        tracker.observe(articles[0])
        times = []
        for article in articles[1:]:
            start = time.perf_counter()
            tracker.observe(article)
            times.append((time.perf_counter() - start) * 1e3)
    name = "waiting for the disk" if sync else "not waiting for the disk"
    print(f"one observe, {name}: {quantiles(times)}")


def plain_sqlite(store: Path) -> None:
    numbers = range(1, 2001)
    connection = sqlite3.connect(store / "meta.db")
    (count,) = connection.execute("SELECT max(number) FROM documents").fetchone()
    times = []
    for number in numbers:
        start = time.perf_counter()
        connection.execute(
            "SELECT content FROM documents WHERE number = ?", (number * 7919 % count,)
        ).fetchone()
        times.append((time.perf_counter() - start) * 1e3)
    connection.close()
    print(f"plain SQLite, point look-up: {quantiles(times)}")
    with tempfile.TemporaryDirectory(dir=store.parent) as folder:
        connection = sqlite3.connect(Path(folder) / "plain.db", isolation_level=None)
        connection.executescript(
            "PRAGMA journal_mode = wal; PRAGMA synchronous = full; CREATE TABLE t (b BLOB)"
        )
        times = []
        for _ in numbers[:500]:
            start = time.perf_counter()
            connection.execute("INSERT INTO t VALUES (?)", (bytes(2000),))
            times.append((time.perf_counter() - start) * 1e3)
        connection.close()
    print(f"plain SQLite, insertion waiting for the disk: {quantiles(times)}")


def quantiles(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=100)
    return f"p50 {cuts[49]:.3f} ms, p99 {cuts[98]:.3f} ms"


def peer(articles: list[Article]) -> None:
    from datasketch import MinHash, MinHashLSH
    from xxhash import xxh32_intdigest

    index = MinHashLSH(threshold=0.5, num_perm=128)
    found = 0
    start, worked = time.perf_counter(), time.process_time()
    for first in range(0, len(articles), _BATCH):
        batch = articles[first : first + _BATCH]
        sketches = MinHash.bulk(
            (list(shingles(article.text)) for article in batch),
            num_perm=128,
            hashfunc=xxh32_intdigest,
        )
        for article, sketch in zip(batch, sketches, strict=True):
            found += len(index.query(sketch))
            index.insert(article.id, sketch)
    spent, worked = time.perf_counter() - start, time.process_time() - worked
    print(
        f"datasketch MinHashLSH in memory, {len(articles):,} articles, {index.b} bands of {index.r}: "
        f"{spent / len(articles) * 1e6:.1f} us an article, "
        f"{worked / len(articles) * 1e6:.1f} us of a processor, {found:,} candidates"
    )


def shingles(text: str) -> Iterator[bytes]:
    words = text.split()
    return (" ".join(words[at : at + 3]).encode() for at in range(max(1, len(words) - 2)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--peer", type=int, default=20_000)
    parser.add_argument("--singles", type=int, default=2000)
    options = parser.parse_args()
    if options.store.exists():
        parser.error(f"{options.store} is there already")
    warm = Article(id=ArticleId("warm"), text="one two three four five six seven")
    with tempfile.TemporaryDirectory() as folder, Tracker.open(folder, attribute=False) as tracker:
        tracker.observe_many([warm, warm])
    articles = read_articles(options.articles)
    observe_all(articles, options.store, options.count)
    subprocess.run([sys.executable, "-c", _OPEN, str(options.store)], check=True)
    singles = list(islice(articles, 2 * options.singles))
    observe_singly(singles[: options.singles], options.store, sync=False)
    observe_singly(singles[options.singles :], options.store, sync=True)
    plain_sqlite(options.store)
    peer(list(islice(read_articles(options.articles), options.peer)))


if __name__ == "__main__":
    main()
