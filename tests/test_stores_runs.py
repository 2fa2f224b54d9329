"""Looking up in files of many blocks finds what is there, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from provenance.stores import kernels
from provenance.stores.contract import FEW, FULL
from provenance.stores.postings import find_in_memory, marks_of, numbered
from provenance.stores.runs import Run, write_run

DOCUMENTS = 3000


def made(seed: int, spread: int) -> np.ndarray:
    """Entries of several blocks: keys of all families, some in very many documents."""
    random = np.random.default_rng(seed)
    count = 5 * kernels.BLOCK + 77
    hashes = random.integers(0, 1 << 37, spread, dtype=np.uint64)
    keys = random.integers(0, 4, spread, dtype=np.uint64) << np.uint64(61) | hashes << np.uint64(24)
    # Few keys are common, most are rare.
    chosen = (spread * random.random(count) ** 4).astype(np.int64)
    entries = np.unique(keys[chosen] | random.integers(0, DOCUMENTS, count, dtype=np.uint64))
    assert entries.size > 2 * kernels.BLOCK
    return entries


def expected(entries: np.ndarray, probe: int) -> list[int]:
    held = (entries[entries >> np.uint64(24) == probe >> 24] & np.uint64(0xFFFFFF)).tolist()
    return held if len(held) <= FULL else sorted([*held[:FEW], held[-1]])


@pytest.mark.parametrize(("seed", "spread"), [(1, 40), (2, 3000), (3, 60_000)])
def test_every_probe_finds_its_documents(tmp_path: Path, seed: int, spread: int):
    """In memory and in a file, also where a key begins or ends a block or fills several."""
    entries = made(seed, spread)
    random = np.random.default_rng(seed)
    known = entries & ~np.uint64(0xFFFFFF)
    edges = known[kernels.BLOCK - 1 :: kernels.BLOCK]
    probes = np.concatenate(
        [
            random.choice(known, 400),
            edges,
            known[:: kernels.BLOCK],
            known[-1:],
            random.integers(0, 1 << 39, 400, dtype=np.uint64) << np.uint64(24),
            np.array([0, 7 << 61], np.uint64),
        ]
    )
    traits = random.integers(0, 1 << 63, (DOCUMENTS, 2), dtype=np.uint64)
    run = Run(tmp_path, write_run(tmp_path, "run-1", 100, entries, traits))
    in_file = run.lookup(numbered(probes))
    in_memory = find_in_memory(entries, marks_of(entries), numbered(probes), 100)
    for rows, documents in ((in_file.rows, in_file.documents), in_memory):
        found: dict[int, list[int]] = {}
        for row, document in zip(rows.tolist(), documents.tolist(), strict=True):
            found.setdefault(row, []).append(document - 100)
        for row, probe in enumerate(probes.tolist()):
            assert sorted(found.get(row, [])) == expected(entries, probe)
    numbers = np.array([100, 100 + DOCUMENTS - 1, 1234], np.uint32)
    assert np.array_equal(run.traits_of(numbers), traits[numbers - 100])
    assert np.array_equal(run.entries(), entries)


def test_removed_documents_are_left_out_of_a_merge():
    """Entries of documents that are there are copied, and numbered for the larger run."""
    entries = made(4, 3000)
    live = (np.arange(DOCUMENTS) % 3 > 0).astype(np.uint8)
    kept = np.empty(entries.size, np.uint64)
    count = kernels.select_live(entries, 500, 200, live, kept)
    local = (entries & np.uint64(0xFFFFFF)).astype(np.int64)
    assert np.array_equal(kept[:count], entries[live[local] == 1] + np.uint64(300))
