"""Load the service on the loopback interface, and watch its errors, times and memory.

    python benchmarks/scale/generate.py 200000 articles.jsonl
    python benchmarks/scale/serving.py articles.jsonl [--seconds 120] [--clients 4] [--batch 64]

Starts ``provenance serve`` on a new store and posts the articles in batches over some connections, each of
which waits for its answer, for so many seconds or until they are used up.  Then the first of the same
articles go through ``Tracker.observe_many`` in a process of its own, in equal batches, for the comparison.

Memory is what the service has of its own (RssAnon): pages of the store's files, which the system takes back
when it needs them, are not counted.  Clients share the machine with the service.  Linux only.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_PATH = "/v1/documents:batch"
_HEADERS = {"Content-Type": "application/x-ndjson"}
_COMPARED = 10_000  # articles of the comparison, at most
_HALF = 0.5  # of the time: what memory grows in the second half is growth


class Load:
    """Batches of a file, handed out once each, and what was answered."""

    def __init__(self, file: Path, batch: int, seconds: float) -> None:
        self._batches = self._read(file, batch)
        self._lock = threading.Lock()
        self._deadline = time.monotonic() + seconds
        self.statuses: Counter[int] = Counter()
        self.times: list[float] = []
        self.articles = 0
        self.faults = 0

    @staticmethod
    def _read(file: Path, batch: int) -> Iterator[list[bytes]]:
        with file.open("rb") as stream:
            yield from iter(lambda: list(islice(stream, batch)), [])

    def work(self, port: int) -> None:
        """Post batches until time or articles are over."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while True:
            with self._lock:
                lines = next(self._batches, None)
            if lines is None:
                break
            while time.monotonic() < self._deadline:
                started = time.perf_counter()
                connection.request("POST", _PATH, b"".join(lines), _HEADERS)
                answered = connection.getresponse()
                body = answered.read()
                with self._lock:
                    self.statuses[answered.status] += 1
                    self.times.append(time.perf_counter() - started)
                if answered.status != 429:
                    with self._lock:
                        self.articles += len(lines)
                        self.faults += len(lines) != body.count(b'"verdict":')
                    break
                time.sleep(float(answered.headers["Retry-After"]))
            else:
                break
        connection.close()


def own_memory(process: int) -> float:
    """Return megabytes of anonymous memory of a process."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    return int(status.partition("RssAnon:")[2].split()[0]) / 1024


def start(store: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start the service; return it and its port when it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "provenance", "serve", str(store), "--port", str(port), "-q"]
    server = subprocess.Popen(command)
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except ConnectionRefusedError:
            if server.poll() is not None:
                sys.exit("the service did not start")
            time.sleep(0.1)
        else:
            return server, port
        finally:
            connection.close()


def observe(file: Path, batch: int, count: int, store: Path) -> float:
    """Return the seconds that ``observe_many`` takes for the first articles of a file, in a process."""
    code = f"""
import sys, time
from itertools import islice
from provenance.engine.tracking import Tracker
from provenance.ingest.reading import read_articles
articles = list(islice(read_articles({str(file)!r}), {count}))
with Tracker.open({str(store)!r}) as tracker:
    tracker.query(articles[0])
    started = time.perf_counter()
    for place in range(0, len(articles), {batch}):
        tracker.observe_many(articles[place : place + {batch}])
    print(time.perf_counter() - started)
"""
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    return float(done.stdout)


def main() -> None:
    """Parse, load, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--batch", type=int, default=64)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server, port = start(Path(folder, "served.db"))
        load = Load(arguments.articles, arguments.batch, arguments.seconds)
        clients = [
            threading.Thread(target=load.work, args=(port,)) for _ in range(arguments.clients)
        ]
        started = time.monotonic()
        for client in clients:
            client.start()
        memory: list[tuple[float, float]] = []
        while any(client.is_alive() for client in clients):
            memory.append((time.monotonic() - started, own_memory(server.pid)))
            time.sleep(1)
        spent = time.monotonic() - started
        server.send_signal(signal.SIGTERM)
        status = server.wait(60)
        compared = min(load.articles, _COMPARED)
        alone = observe(arguments.articles, arguments.batch, compared, Path(folder, "own.db"))
    times = sorted(load.times)
    half = [size for at, size in memory if at < spent * _HALF]
    rest = [size for at, size in memory if at >= spent * _HALF]
    print(f"{os.cpu_count()} cores, {arguments.clients} clients, batches of {arguments.batch}")
    print(f"{load.articles:,} articles in {spent:.0f} s: {load.articles / spent:,.0f} a second")
    print(f"observe_many alone: {compared / alone:,.0f} a second")
    print(
        f"answers by status: {dict(load.statuses)}; incomplete: {load.faults}; left with {status}"
    )
    print(
        f"seconds to an answer: median {times[len(times) // 2]:.3f}, 99 % {times[len(times) * 99 // 100]:.3f}"
    )
    print(
        f"own memory, MB: {half[-1]:.0f} at half time, at most {max(rest):.0f} after, {rest[-1]:.0f} at the end"
    )


if __name__ == "__main__":
    main()
