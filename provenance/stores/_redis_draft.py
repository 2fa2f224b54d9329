"""Stories and links as they will be, before they are written to Redis.

Only what differs from the simplest case is stored: a document whose story is not its own number, a
story whose only member is not the document it is called after, a document that is in any pair.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

__all__ = ["Draft"]


class Draft:
    """Changes to stories and pairs; what is asked is loaded first, many at once.

    Args:
        client: To read with.
        prefix: Of all names.
    """

    def __init__(self, client: Any, prefix: str) -> None:
        self._client = client
        self._names = {
            part: prefix + part for part in ("documents", "stories", "members", "neighbors")
        }
        self._story: dict[int, int] = {}
        self._members: dict[int, set[int]] = {}
        self._neighbors: dict[int, set[int]] = {}
        self._moved: set[int] = set()
        self._gone: set[int] = set()
        self._changed_stories: set[int] = set()
        self._changed_neighbors: set[int] = set()

    def load_stories(self, numbers: Collection[int]) -> None:
        """Read stories, those of the documents they are called after, and all their members."""
        wanted = sorted(set(numbers) - self._members.keys())
        if not wanted:
            return
        with self._client.pipeline(transaction=True) as pipe:
            pipe.hmget(self._names["members"], wanted)
            pipe.hmget(self._names["stories"], wanted)
            for number in wanted:
                pipe.hexists(self._names["documents"], number)
            members, stories, *there = pipe.execute()
        others = set()
        for number, packed, story, is_there in zip(wanted, members, stories, there, strict=True):
            own = int(story) if story is not None else number
            if packed is not None:
                self._members[number] = set(np.frombuffer(packed, "<u4").tolist())
            else:
                self._members[number] = {number} if is_there and own == number else set()
            if is_there:
                self._story.setdefault(number, own)
                others.add(own)
            for member in self._members[number]:
                self._story.setdefault(member, number)
        self.load_stories(others)

    def load_neighbors(self, numbers: Collection[int]) -> None:
        """Read the other documents of the pairs that documents are in."""
        wanted = sorted(set(numbers) - self._neighbors.keys())
        if wanted:
            found = self._client.hmget(self._names["neighbors"], wanted)
            for number, packed in zip(wanted, found, strict=True):
                self._neighbors[number] = set(np.frombuffer(packed or b"", "<u4").tolist())

    def members(self, story: int) -> set[int]:
        """Return the documents of a story."""
        self.load_stories([story])
        return self._members[story]

    def neighbors(self, number: int) -> set[int]:
        """Return the other documents of the pairs that a document is in."""
        self.load_neighbors([number])
        return self._neighbors[number]

    def add(self, number: int, story: int) -> None:
        """Take a new document."""
        self._members.setdefault(number, set())
        self._story[number] = story
        self.members(story).add(number)
        self._moved.add(number)
        self._changed_stories |= {story, number}

    def move(self, number: int, story: int) -> None:
        """Make a document part of another story."""
        if number not in self._story:
            self.load_stories([number])
        old = self._story[number]
        self.members(old).discard(number)
        self.members(story).add(number)
        self._story[number] = story
        self._moved.add(number)
        self._changed_stories |= {old, story}

    def rename(self, gone: Collection[int]) -> None:
        """Call every story whose first document has gone by the first that is left."""
        for story in gone:
            left = sorted(self.members(story))
            for number in left:
                self.move(number, left[0])

    def connect(self, one: int, other: int) -> None:
        """Make two documents a pair."""
        self.neighbors(one).add(other)
        self.neighbors(other).add(one)
        self._changed_neighbors |= {one, other}

    def erase(self, number: int) -> list[tuple[int, int]]:
        """Take a document away; return the pairs that go with it."""
        if number not in self._story:
            self.load_stories([number])
        story = self._story.pop(number)
        self.members(story).discard(number)
        self._changed_stories.add(story)
        self._moved.discard(number)
        self._gone.add(number)
        others = set(self.neighbors(number))
        for other in others:
            self.neighbors(other).discard(number)
        self._neighbors[number] = set()
        self._changed_neighbors |= {number, *others}
        return [(number, other) for other in others]

    def write_to(self, pipe: Any) -> None:
        """Put the commands that make it so into a pipeline."""
        stories = {n: self._story[n] for n in self._moved if self._story[n] != n}
        self._store(pipe, "stories", stories, (self._moved | self._gone) - stories.keys())
        members = {
            story: self._members[story]
            for story in self._changed_stories
            if self._members[story] not in (set(), {story})
        }
        packed = {story: _packed(numbers) for story, numbers in members.items()}
        self._store(pipe, "members", packed, self._changed_stories - packed.keys())
        neighbors = {
            n: _packed(self._neighbors[n]) for n in self._changed_neighbors if self._neighbors[n]
        }
        self._store(pipe, "neighbors", neighbors, self._changed_neighbors - neighbors.keys())

    def _store(self, pipe: Any, part: str, values: dict[int, Any], gone: Collection[int]) -> None:
        if values:
            pipe.hset(self._names[part], mapping=values)
        if gone:
            pipe.hdel(self._names[part], *gone)


def _packed(numbers: Collection[int]) -> bytes:
    return np.array(sorted(numbers), "<u4").tobytes()
