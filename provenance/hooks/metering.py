"""What a service counts, in the text format that Prometheus reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

__all__ = ["Meter"]

#: Upper bounds of the classes of request times, in seconds: from a look-up to a request that waited.
_BOUNDS = (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0)


class Meter:
    """Counts since the start; used from one thread."""

    def __init__(self) -> None:
        self._documents: Counter[str] = Counter()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._times: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def document(self, verdict: str) -> None:
        """Count a document."""
        self._documents[verdict] += 1

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests[route, status] += 1
        self._seconds[route] = self._seconds.get(route, 0.0) + seconds
        times = self._times.setdefault(route, [0] * (len(_BOUNDS) + 1))
        times[sum(bound < seconds for bound in _BOUNDS)] += 1

    def render(self, *, waiting: int) -> str:
        """Return all counts.

        Args:
            waiting: Documents that wait for the store now.
        """
        return "".join(f"{line}\n" for line in self._lines(waiting))

    def _lines(self, waiting: int) -> Iterator[str]:
        yield "# HELP provenance_documents_total Documents by verdict."
        yield "# TYPE provenance_documents_total counter"
        for verdict, count in sorted(self._documents.items()):
            yield f'provenance_documents_total{{verdict="{verdict}"}} {count}'
        yield "# HELP provenance_waiting_documents Documents that wait for the store."
        yield "# TYPE provenance_waiting_documents gauge"
        yield f"provenance_waiting_documents {waiting}"
        yield "# HELP provenance_requests_total Requests by route and status."
        yield "# TYPE provenance_requests_total counter"
        for (route, status), count in sorted(self._requests.items()):
            yield f'provenance_requests_total{{route="{route}",status="{status}"}} {count}'
        yield "# HELP provenance_request_seconds Time to the answer of a request."
        yield "# TYPE provenance_request_seconds histogram"
        for route, times in sorted(self._times.items()):
            total = 0
            for bound, count in zip((*_BOUNDS, "+Inf"), times, strict=True):
                total += count
                yield f'provenance_request_seconds_bucket{{route="{route}",le="{bound}"}} {total}'
            yield f'provenance_request_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}'
            yield f'provenance_request_seconds_count{{route="{route}"}} {total}'
