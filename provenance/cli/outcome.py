"""What a run of ``dedupe`` came to, and how long each part of it took."""

from __future__ import annotations

import time
from collections.abc import Mapping

import attrs
import numpy as np
import orjson
from numpy.typing import NDArray

from provenance.cli.session import Session

__all__ = ["Outcome", "Stopwatch", "group_sizes"]

#: Groups are told by size: pairs, a handful, dozens, and so on.
_SIZES = (2, 3, 6, 11, 101, 1001)


class Stopwatch:
    """Times the stages of a run, and draws their progress.

    Attributes:
        seconds: By stage, in the order they began.
    """

    def __init__(self, session: Session) -> None:
        self.seconds: dict[str, float] = {}
        self._session = session
        self._stage = ""
        self._begun = 0.0

    def advance(self, stage: str, done: int, total: int, *, share: float = 0.0) -> None:
        """Say how far a stage is; the first word on it ends the one before."""
        if stage != self._stage:
            self.stop()
            self._stage, self._begun = stage, time.perf_counter()
        self._session.advance(stage, done, total, share=share)

    def stop(self) -> None:
        """End the last stage."""
        if self._stage:
            spent = time.perf_counter() - self._begun
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + spent
        self._stage = ""
        self._session.clear()


@attrs.frozen(kw_only=True)
class Outcome:
    """The figures of a run.

    Attributes:
        articles: Articles read.
        kept: Articles that stay.
        known: Articles of the corpora that these were held against.
        groups: How many groups of copies there are, by their smallest and largest size.
        rejected: Records that could not be used, by the short name of the reason.
        seconds: By stage.
    """

    articles: int
    kept: int
    known: int
    groups: Mapping[tuple[int, int], int]
    rejected: Mapping[str, int]
    seconds: Mapping[str, float]

    @property
    def removed(self) -> int:
        """Articles that are copies of others."""
        return self.articles - self.kept

    def for_people(self) -> str:
        """Return the figures as lines to be read."""
        others = f" or of {self.known:,} known ones" if self.known else ""
        lines = [f"{self.articles:,} articles, {self.removed:,} of them copies of others{others}"]
        if self.groups:
            sizes = ", ".join(
                f"{count:,} of {least:,}" + (f" to {most:,}" if most > least else "")
                for (least, most), count in self.groups.items()
            )
            lines.append(f"  groups   {sum(self.groups.values()):,}: {sizes}")
        if self.rejected:
            reasons = ", ".join(f"{count:,} {name}" for name, count in self.rejected.items())
            lines.append(f"  rejected {sum(self.rejected.values()):,}: {reasons}")
        spent = sum(self.seconds.values())
        stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in self.seconds.items())
        lines.append(f"  seconds  {spent:.1f}: {stages}")
        return "\n".join(lines)

    def as_json(self) -> str:
        """Return the figures as one JSON object."""
        record = {
            "articles": self.articles,
            "kept": self.kept,
            "removed": self.removed,
            "known": self.known,
            "groups": [
                {"least": least, "most": most, "groups": count}
                for (least, most), count in self.groups.items()
            ],
            "rejected": dict(self.rejected),
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
        }
        return orjson.dumps(record).decode()


def group_sizes(groups: NDArray[np.int64]) -> dict[tuple[int, int], int]:
    """Count groups of two and more by size.

    Args:
        groups: The group of each article.

    Returns:
        How many groups have between so many members and so many, smallest first; no empty ranges.
    """
    sizes = np.unique(groups, return_counts=True)[1]
    sizes = sizes[sizes > 1]
    found = {}
    for place in np.unique(np.searchsorted(_SIZES, sizes, side="right")).tolist():
        least = _SIZES[place - 1]
        most = _SIZES[place] - 1 if place < len(_SIZES) else int(sizes.max())
        found[least, most] = int(((sizes >= least) & (sizes <= most)).sum())
    return found
