"""What becomes of a store when the process dies, the disk fills, or a file is altered."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from provenance.errors import SettingError, StoreDamaged, StoreLocked
from provenance.stores import runs
from provenance.stores.embedded import EmbeddedStore
from provenance.stores.guarding import refuse_network_folder
from provenance.testing.stores import MANIFEST, _answers, make_batch

#: Commits batches of five documents and says so, until it is killed.  Documents share keys by fives.
WRITER = """
import sys
from provenance.stores.embedded import EmbeddedStore
from provenance.testing.stores import MANIFEST, make_batch
with EmbeddedStore(sys.argv[1], MANIFEST, fold=int(sys.argv[2])) as store:
    while True:
        first = store.next_number
        keys = [[10_000 + first + n, (first + n) // 5] for n in range(5)]
        links = [(first, first - 1)] if first else []
        store.commit(make_batch(first, keys, links=links, superseded=[first - 7] if first > 6 else []))
        print(first + 5, flush=True)
"""


def small(place: Path, *, fold: int = 4, **options) -> EmbeddedStore:
    return EmbeddedStore(place, MANIFEST, fold=fold, **options)


def filled(place: Path, documents: int = 40) -> Path:
    """A store with runs of several sizes, and some entries that are in none."""
    with small(place) as store:
        for first in range(0, documents, 3):
            store.commit(make_batch(first, [[n, 1000] for n in range(first, first + 3)]))
    return place


def kill_once(place: Path, patience: float, fold: int) -> int:
    """Let a writer run for a while, kill it, and return how many documents it acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(place), str(fold)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout
        first = writer.stdout.readline()
        time.sleep(patience)
        writer.send_signal(signal.SIGKILL)
        said = (first + writer.stdout.read()).split(b"\n")
    whole = [line for line in said[:-1] if line]
    return int(whole[-1]) if whole else 0


def check_whole(place: Path, acknowledged: int) -> None:
    """Every acknowledged document is there once, with all its keys and links, and no half of another."""
    with small(place) as store:
        count = store.next_number
        assert count >= acknowledged
        assert count % 5 == 0
        replaced = {n for first in range(10, count, 5) for n in [first - 7]}
        assert store.numbers().tolist() == [n for n in range(count) if n not in replaced]
        found = _answers(store, [10_000 + n for n in range(count)])
        assert [number for _, number, _ in found] == store.numbers().tolist()
        links = {(link.late, link.early) for link in store.links(range(count))}
        assert links == {(n, n - 1) for n in range(5, count, 5) if not {n, n - 1} & replaced}
        store.check()


def use_all(place: Path) -> None:
    """Look everything up."""
    with small(place) as store:
        found = store.lookup(make_batch(0, [list(range(60))]).entries.keys)
        store.traits(np.unique(found.documents))
        store.check()


@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_killed_at_a_random_point(tmp_path: Path):
    """Nothing acknowledged is lost, nothing is half there, whatever the writer was doing."""
    chance = random.Random(4)
    for _ in range(4):
        acknowledged = kill_once(tmp_path / "store", chance.random() / 10, chance.choice([3, 11]))
        assert acknowledged
        check_whole(tmp_path / "store", acknowledged)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_killed_two_hundred_times(tmp_path: Path):
    """The same, 200 times, a fresh store every twenty."""
    chance = random.Random(5)
    for number in range(200):
        place = tmp_path / f"store{number // 20}"
        acknowledged = kill_once(place, chance.random() / 5, chance.choice([3, 11, 40]))
        check_whole(place, acknowledged)


def test_a_full_disk_keeps_nothing_of_a_batch(tmp_path: Path):
    """The batch that did not fit is refused whole, and the store goes on."""
    with small(tmp_path / "store", fold=10**6) as store:
        store.commit(make_batch(0, [[1]]))
        (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
        store._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(OSError, match="disk is full") as caught:
            store.commit(make_batch(1, [[n] * 3 for n in range(5000)]))
        assert caught.value.errno == errno.ENOSPC
        assert store.next_number == 1
        assert store.numbers().tolist() == [0]
        store._connection.execute("PRAGMA max_page_count = 1000000")
        store.commit(make_batch(1, [[1]]))
        assert [n for _, n, _ in _answers(store, [1])] == [0, 1]


def test_a_full_disk_when_folding_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A run that cannot be written leaves no file; what is in it stays where it was."""

    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    with small(tmp_path / "store") as store:
        with monkeypatch.context() as patch:
            patch.setattr(runs.os, "fsync", full)
            store.commit(make_batch(0, [[7] for _ in range(5)]))
        assert not list((tmp_path / "store").glob("run-*"))
        assert [n for _, n, _ in _answers(store, [7])] == [0, 1, 2, 3, 4]
        store.commit(make_batch(5, [[7] for _ in range(5)]))
        assert len(list((tmp_path / "store").glob("run-*"))) == 1
    with small(tmp_path / "store") as store:
        assert len(_answers(store, [7])) == 10


def test_dying_between_writing_a_run_and_naming_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The file is an orphan, its entries are still in the database, and the next writer removes it."""

    class Died(BaseException):
        pass

    def die(*_arguments: object) -> None:
        raise Died

    place = tmp_path / "store"
    store = small(place)
    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedStore, "_remember", die)
        with pytest.raises(Died):
            store.commit(make_batch(0, [[7] for _ in range(5)]))
    store.close()
    assert len(list(place.glob("run-*"))) == 1
    with small(place) as store:
        assert not list(place.glob("run-*"))
        assert [n for _, n, _ in _answers(store, [7])] == [0, 1, 2, 3, 4]


def test_every_altered_byte_of_a_run_is_noticed(tmp_path: Path):
    """Whatever byte of a run is flipped, the file is named before anything of it is believed."""
    place = filled(tmp_path / "store")
    path = max(place.glob("run-*"), key=lambda path: path.stat().st_size)
    sound = path.read_bytes()
    for at in range(0, len(sound), 7):
        altered = bytearray(sound)
        altered[at] ^= 1 << at % 8
        path.write_bytes(altered)
        with pytest.raises(StoreDamaged, match=path.name):
            use_all(place)
    path.write_bytes(sound)
    with small(place) as store:
        store.check()


@pytest.mark.parametrize("left", [0, 8, 200, -1])
def test_a_run_cut_short_is_noticed_and_made_anew(tmp_path: Path, left: int):
    """A run of another length, or none, is named; the entries can be made anew from the documents."""
    place = filled(tmp_path / "store")
    path = min(place.glob("run-*"))
    if left < 0:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(StoreDamaged, match=path.name):
        small(place)
    with small(place, rebuild=True) as store:
        count = store.next_number
        store.replace_entries([(0, make_batch(0, [[n, 1000] for n in range(count)]).entries)])
    with small(place) as store:
        assert [n for _, n, _ in _answers(store, range(count))] == list(range(count))


def test_altered_keys_of_new_documents_are_noticed(tmp_path: Path):
    """Entries that are in no run yet carry a digest, too."""
    with small(tmp_path / "store", fold=1000) as store:
        store.commit(make_batch(0, [[1, 2, 3]]))
        store._connection.execute("UPDATE tail SET entries = zeroblob(length(entries))")
    with pytest.raises(StoreDamaged, match="keys of document 0 were altered"):
        small(tmp_path / "store", fold=1000)


def test_what_is_no_database_is_named(tmp_path: Path):
    """A database that was overwritten is damage, not a crash."""
    place = filled(tmp_path / "store")
    (place / "meta.db").write_bytes(b"something else " * 5000)
    for name in ("meta.db-wal", "meta.db-shm"):
        (place / name).unlink(missing_ok=True)
    with pytest.raises(StoreDamaged, match=r"meta\.db"):
        small(place)


def test_a_state_that_was_altered_is_not_believed(tmp_path: Path):
    """What can be made anew is not worth an error."""
    with small(tmp_path / "store") as store:
        store.save_state("x", b"state")
        path = tmp_path / "store" / "state-x"
        path.write_bytes(path.read_bytes()[:-1] + b"!")
        assert store.load_state("x") is None


def test_what_is_no_store_is_left_alone(tmp_path: Path):
    """A folder of other things, or a file, does not become a store."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(SettingError, match="no store"):
        small(tmp_path)
    with pytest.raises(SettingError, match="there is no store"):
        small(tmp_path / "nothing", readonly=True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_the_writer_is_named(tmp_path: Path):
    """Whoever is refused learns which process writes."""
    with (
        small(tmp_path / "store"),
        pytest.raises(StoreLocked, match=f"written by process {os.getpid()}"),
    ):
        small(tmp_path / "store")


def test_folders_of_other_machines_are_refused(tmp_path: Path):
    """The mount that is nearest decides, and the message says what kind it is."""
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "1 0 0:1 / / rw - ext4 /dev/a rw\n"
        "2 1 0:2 / /shared rw,relatime shared:1 - nfs4 host:/x rw\n"
        "3 2 0:3 / /shared/own\\040disk rw - xfs /dev/b rw\n"
    )
    with pytest.raises(SettingError, match="nfs4"):
        refuse_network_folder(Path("/shared/news"), mounts)
    refuse_network_folder(Path("/shared/own disk/news"), mounts)
    refuse_network_folder(Path("/sharedness"), mounts)
    refuse_network_folder(Path("/shared"), tmp_path / "none")
