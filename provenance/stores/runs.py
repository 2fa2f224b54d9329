"""Immutable files of sorted entries, read through the memory map.

A run holds the entries of documents with numbers from ``first`` to ``first + documents``, and their
traits.  All of it is 64-bit words in little-endian order::

    header      8 words: magic, layout, entries, documents, width of traits, words of marks, 0, 0
    entries     sorted
    traits      document after document
    marks       a bit for every key of the family of whole texts, by its highest bits
    fences      the first entry of every block of entries
    sums        a digest of every block of entries and traits

The store keeps the digest of everything but entries and traits, which is checked when a run is opened;
a block of these is checked when something in it is read for the first time.  So a file that was cut
short or altered is found out before anything in it is believed, and opening a store of many gigabytes
reads little of it.
"""

from __future__ import annotations

import mmap
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import xxhash
from numpy.typing import NDArray

from provenance.errors import StoreDamaged
from provenance.stores import kernels
from provenance.stores.contract import Found
from provenance.stores.postings import LOCAL_LIMIT, find_all, marks_of

__all__ = ["Run", "RunRecord", "mergeable", "merged_runs", "sync_folder", "write_run"]

Words = NDArray[np.uint64]

_MAGIC = int.from_bytes(b"provrun\x01", "little")
_HEADER = 8  # words

#: Runs of one size that become one of the next.
_FAN_OUT = 4
_WORD = np.dtype("<u8")


@attrs.frozen(kw_only=True)
class RunRecord:
    """What the store remembers of a run.

    Attributes:
        name: Of the file.
        first: Number of the first document.
        documents: Numbers that it covers; some may have been removed.
        size: Bytes.
        digest: Of header, marks, fences and sums.
    """

    name: str
    first: int
    documents: int
    size: int
    digest: str


def write_run(folder: Path, name: str, first: int, entries: Words, traits: Words) -> RunRecord:
    """Write a run, and see it and its name safely on the disk.

    Args:
        folder: Where to.
        name: Of the file.
        first: Number of the first document.
        entries: Sorted.
        traits: uint64[N, W].

    Raises:
        OSError: The disk is full, or broken; no file of that name is left.
    """
    body = np.concatenate([entries, traits.reshape(-1)]).astype(_WORD, copy=False)
    marks = marks_of(entries)
    fences = entries[:: kernels.BLOCK]
    sums = np.empty(-(-body.size // kernels.BLOCK), np.uint64)
    kernels.block_sums(body, sums)
    header = np.zeros(_HEADER, _WORD)
    header[:6] = _MAGIC, 1, entries.size, len(traits), traits.shape[1], marks.size // 8
    rest = np.concatenate([marks.view(_WORD), fences, sums]).astype(_WORD, copy=False)
    path, beside = folder / name, folder / f"{name}.part"
    try:
        with beside.open("wb") as file:
            for part in (header, body, rest):
                file.write(part.data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        sync_folder(folder)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    return RunRecord(
        name=name,
        first=first,
        documents=len(traits),
        size=8 * (header.size + body.size + rest.size),
        digest=_digest(header, rest),
    )


def new_name(folder: Path) -> str:
    """Return a name that no run of a folder has."""
    # Nanoseconds and what is there already: no name comes twice, whatever the clock does.
    number = time.time_ns()
    while (folder / f"run-{number:x}").exists():
        number += 1
    return f"run-{number:x}"


def sync_folder(folder: Path) -> None:
    """See the names of new files safely on the disk."""
    if os.name == "nt":  # folders cannot be opened there, and need not be
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


class Run:
    """A run that is open.

    Args:
        folder: Where it lies.
        record: What the store remembers of it.

    Raises:
        StoreDamaged: The file is missing, cut short or altered.
    """

    def __init__(self, folder: Path, record: RunRecord) -> None:
        self.record = record
        self._path = folder / record.name
        words = self._mapped()
        if words.size < _HEADER or int(words[0]) != _MAGIC:
            reason = "it does not begin like a run"
            raise StoreDamaged(self._path, reason)
        entries, documents, width, marks = (int(value) for value in words[2:6])
        body = entries + documents * width
        blocks, all_blocks = -(-entries // kernels.BLOCK), -(-body // kernels.BLOCK)
        if words.size != _HEADER + body + marks + blocks + all_blocks:
            reason = "its parts do not have the sizes that it states"
            raise StoreDamaged(self._path, reason)
        rest = words[_HEADER + body :]
        if _digest(words[:_HEADER], rest) != record.digest:
            reason = "its header or its tables were altered"
            raise StoreDamaged(self._path, reason)
        self._body = words[_HEADER : _HEADER + body]
        self._count = entries
        self._traits = self._body[entries:].reshape(documents, width)
        self._marks = np.ascontiguousarray(rest[:marks]).view(np.uint8)
        self._fences = rest[marks : marks + blocks]
        self._sums = rest[marks + blocks :]
        self._seen = np.zeros(all_blocks, np.uint8)

    def _mapped(self) -> Words:
        try:
            with self._path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size != self.record.size:
                    reason = f"it has {size:,} bytes instead of {self.record.size:,}"
                    raise StoreDamaged(self._path, reason)
                held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            reason = "it is missing"
            raise StoreDamaged(self._path, reason) from None
        if hasattr(held, "madvise"):
            held.madvise(mmap.MADV_RANDOM)  # what lies around a key is not needed next
        return np.frombuffer(held, _WORD)

    def lookup(self, probes: Words) -> Found:
        """Return the documents that hold each probe.

        Args:
            probes: As :func:`provenance.stores.postings.numbered` gives them.

        Raises:
            StoreDamaged: What would have to be read is not what was written.
        """
        bad, rows, documents = find_all(
            self._body,
            self._count,
            self._fences,
            self._sums,
            self._seen,
            self._marks,
            probes,
            self.record.first,
        )
        if bad >= 0:
            raise self._block_damaged(bad)
        return Found(rows=rows, documents=documents)

    def traits_of(self, numbers: NDArray[np.uint32]) -> Words:
        """Return the traits of documents that it covers.

        Raises:
            StoreDamaged: They are not what was written.
        """
        places = numbers.astype(np.int64) - self.record.first
        width = self._traits.shape[1]
        starts = self._count + places * width
        touched = np.concatenate([starts, starts + width - 1]) // kernels.BLOCK
        self._check(touched)
        return self._traits[places]

    def entries(self) -> Words:
        """Return all entries, each block checked."""
        self.check()
        return self._body[: self._count]

    def traits(self) -> Words:
        """Return all traits, each block checked."""
        self.check()
        return self._traits

    def check(self) -> None:
        """Read all of it.

        Raises:
            StoreDamaged: It is not what was written.
        """
        self._check(np.arange(self._seen.size))

    def _check(self, blocks: NDArray[Any]) -> None:
        bad = kernels.check_blocks(self._body, blocks.astype(np.int64), self._sums, self._seen)
        if bad >= 0:
            raise self._block_damaged(int(bad))

    def _block_damaged(self, block: int) -> StoreDamaged:
        start = 8 * (_HEADER + block * kernels.BLOCK)
        return StoreDamaged(self._path, f"what stands from byte {start:,} on was altered")


def _digest(header: Words, rest: Words) -> str:
    state = xxhash.xxh3_128(header.tobytes())
    state.update(rest.tobytes())
    return state.hexdigest()


def mergeable(runs: Sequence[Run]) -> list[Run]:
    """Return the last runs, if so many have one size or less that they should be one."""
    last = sorted(runs, key=lambda run: run.record.first)[-_FAN_OUT:]
    if len(last) < _FAN_OUT:
        return []
    sizes = [run.record.documents for run in last]
    span = last[-1].record.first + sizes[-1] - last[0].record.first
    return last if min(sizes) * _FAN_OUT > max(sizes) and span <= LOCAL_LIMIT else []


def merged_runs(runs: Sequence[Run], live: NDArray[np.uint8]) -> tuple[Words, Words]:
    """Return the entries and traits of runs that follow each other as those of one.

    Args:
        runs: In the order of their documents.
        live: By document from the first one on, 1 if it is there.
    """
    first = runs[0].record.first
    parts, traits = [], np.zeros((live.size, runs[0].traits().shape[1]), np.uint64)
    for run in runs:
        record, entries = run.record, run.entries()
        kept = np.empty(entries.size, np.uint64)
        its_live = live[record.first - first :]
        count = kernels.select_live(entries, record.first, first, its_live, kept)
        parts.append(kept[:count])
        place = slice(record.first - first, record.first - first + record.documents)
        traits[place] = run.traits() * live[place, None]
    merged = np.concatenate(parts)
    merged.sort()
    return merged, traits
