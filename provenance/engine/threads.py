"""Threads over kernels that release the interpreter, and results in the order of the work."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from provenance.closing import Closing

__all__ = ["Threads", "usable_cores"]

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Pieces of work that may wait for each thread: enough that none of them waits for the next.
_AHEAD = 2


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Threads(Closing):
    """A pool of threads.

    Args:
        jobs: How many; one more than there are cores where left out, because at any time one of them
            waits for the interpreter (a tenth of the time less on two cores).
    """

    def __init__(self, jobs: int | None = None) -> None:
        self._jobs = jobs or usable_cores() + 1
        self._pool = ThreadPoolExecutor(self._jobs)

    def close(self) -> None:
        """Let what runs end, and drop what waits."""
        self._pool.shutdown(cancel_futures=True)

    def in_order(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield the results of `work` in the order of `items`.

        An item is taken only when there is room for it, unlike the pool's own ``map``, which takes
        all of them at once.
        """
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(self._pool.submit(work, item))
            if len(waiting) > _AHEAD * self._jobs:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
