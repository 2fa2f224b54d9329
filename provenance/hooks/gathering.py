"""One thread that owns a tracker, for frameworks that bring articles one by one and all at once.

A tracker is used from one thread, a store has one writer, and a batch costs much less than its articles do
one by one.  So whoever has articles hands them over and waits for a future; the thread takes all that
has come while it worked as its next batch.  Nobody waits for a batch to fill: under little load it
holds one article, under much load many.

Limits: what waits is held in memory; whoever hands over must watch :attr:`Gatherer.waiting`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

import attrs

from provenance.hooks.annotating import Observed, OpenObserver
from provenance.model import Article

__all__ = ["Gatherer"]

Answer = TypeVar("Answer")

#: Articles of a batch: beyond, a batch saves little more and its first article waits for its last.
_BATCH = 256


@attrs.frozen(kw_only=True, eq=False)
class _Job(Generic[Answer]):
    """Something to be done on the thread: articles to observe, or a question."""

    articles: Sequence[Article] = ()
    question: Callable[[Any], Answer] | None = None
    future: Future[Any] = attrs.field(factory=Future)


class Gatherer:
    """A thread with a tracker.

    Args:
        open_observer: Gives the tracker; called on the thread, which also closes it.

    Attributes:
        waiting: Articles handed over and not yet answered.
    """

    def __init__(self, open_observer: OpenObserver) -> None:
        self.waiting = 0
        self._open = open_observer
        self._jobs: deque[_Job[Any]] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._opened: Future[None] = Future()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="provenance", daemon=True)

    def start(self) -> None:
        """Open the tracker; raise what that raises."""
        self._thread.start()
        self._opened.result()

    @property
    def alive(self) -> bool:
        """Whether what is handed over will be answered."""
        return self._thread.is_alive() and not self._closing

    def observe(self, articles: Sequence[Article]) -> Future[list[Observed]]:
        """Hand over articles; the future has what is known of them once they rest in the store."""
        return self._put(_Job(articles=articles))

    def ask(self, question: Callable[[Any], Answer]) -> Future[Answer]:
        """Have a function called with the tracker, on its thread, between two batches."""
        return self._put(_Job(question=question))

    def close(self) -> None:
        """Do what was handed over, then close the tracker; raise what that raises."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()
        if self._failure:
            raise self._failure

    def _put(self, job: _Job[Any]) -> Future[Any]:
        with self._changed:
            if not self.alive:
                job.future.set_exception(RuntimeError("the tracker is closed"))
                return job.future
            self.waiting += len(job.articles)
            self._jobs.append(job)
            self._changed.notify()
        return job.future

    def _work(self) -> None:
        try:
            with self._open() as observer:
                self._opened.set_result(None)
                for jobs in self._batches():
                    self._do(jobs, observer)
        except BaseException as error:  # noqa: BLE001 - told to whoever started the thread
            if self._opened.done():
                self._failure = error
            else:
                self._opened.set_exception(error)

    def _batches(self) -> Iterator[list[_Job[Any]]]:
        """Yield what came, until there is no more to come."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._jobs or self._closing)
                if not self._jobs:
                    return
                jobs = self._take()
            if jobs:
                yield jobs

    def _take(self) -> list[_Job[Any]]:
        """Return the next question, or all articles that wait before it, up to a batch."""
        jobs: list[_Job[Any]] = []
        held = 0
        while self._jobs:
            job = self._jobs[0]
            if jobs and (job.question or held + len(job.articles) > _BATCH):
                break
            self._jobs.popleft()
            if not job.future.set_running_or_notify_cancel():  # whoever asked has gone
                self.waiting -= len(job.articles)
                continue
            jobs.append(job)
            held += len(job.articles)
            if job.question:
                break
        return jobs

    def _do(self, jobs: Sequence[_Job[Any]], observer: Any) -> None:
        try:
            if question := jobs[0].question:
                jobs[0].future.set_result(question(observer))
                return
            articles = [article for job in jobs for article in job.articles]
            observed = list(observer.observe_many(articles)) if articles else []
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            if len(jobs) > 1:  # one of them spoils it for the others: each for itself
                for job in jobs:
                    self._do([job], observer)
                return
            jobs[0].future.set_exception(error)
            self._forget(jobs)
            return
        self._forget(jobs)
        place = 0
        for job in jobs:
            job.future.set_result(observed[place : place + len(job.articles)])
            place += len(job.articles)

    def _forget(self, jobs: Sequence[_Job[Any]]) -> None:
        with self._changed:
            self.waiting -= sum(len(job.articles) for job in jobs)
