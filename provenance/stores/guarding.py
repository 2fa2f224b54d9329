"""Who may write here, and whether this is a place to write at all.

A writer locks a file of the store and holds the lock until it closes the store or dies; the system lets
go of it in either case, so that no lock is ever left behind.

Network file systems are refused: the shared memory of SQLite's write-ahead log does not work across
machines, and their locks are kept or broken as each of them likes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from provenance.closing import Closing
from provenance.errors import SettingError, StoreLocked

__all__ = ["WriterLock", "refuse_network_folder"]

_NETWORK = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb2",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "9p",
        "ceph",
        "lustre",
        "glusterfs",
        "fuse.glusterfs",
        "fuse.sshfs",
        "fuse.s3fs",
        "fuse.rclone",
        "fuse.gcsfuse",
        "beegfs",
        "gpfs",
        "orangefs",
        "davfs",
        "fuse.davfs2",
    ]
)


class WriterLock(Closing):
    """The right to write to a store.

    Args:
        path: The file that is locked; made if it is not there.

    Raises:
        StoreLocked: Another process has it.
    """

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("a+b")
        try:
            _lock(self._file)
        except OSError as cause:
            self._file.seek(0)
            holder = self._file.read(20).decode("ascii", "replace").strip()
            self._file.close()
            who = f"process {holder}" if holder else "another process"
            msg = (
                f"{path.parent} is being written by {who}; wait for it, read only, or send the "
                "articles to it"
            )
            raise StoreLocked(msg) from cause
        self._file.truncate(0)
        self._file.write(str(os.getpid()).encode())
        self._file.flush()

    def close(self) -> None:
        """Let others write."""
        self._file.close()


if os.name == "nt":  # pragma: no cover - locked by bytes there, beyond those that are read

    def _lock(file: IO[bytes]) -> None:
        import msvcrt

        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

else:

    def _lock(file: IO[bytes]) -> None:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def refuse_network_folder(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> None:
    """Raise where `path` lies on a file system of another machine.

    Args:
        path: Of the store; it need not be there yet.
        mounts: Table of what is mounted where, as Linux writes it.  Without it, elsewhere, nothing is
            known and nothing refused.

    Raises:
        SettingError: It does.
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return
    place = str(path.resolve())
    best, kind = "", ""
    for line in lines:
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:
            continue
        point = fields[4].replace("\\040", " ")
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, after.split()[0]
    if kind in _NETWORK:
        msg = (
            f"{path} lies on {kind}, a file system of another machine, where neither locks nor the log "
            "of the database can be relied on; keep the store on a disk of this machine"
        )
        raise SettingError(msg)
