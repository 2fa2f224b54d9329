"""Real servers of PostgreSQL and Redis for tests and measurements, started here and gone afterwards.

They listen on a socket in a folder of their own and on no port.  PostgreSQL does not run as root: under
root it runs as ``nobody``.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

__all__ = ["PostgresServer", "RedisServer", "find_postgres", "find_redis"]

_PATIENCE = 60.0  # seconds until a server that does not answer is given up


def find_postgres() -> Path | None:
    """Return the folder of ``initdb`` and ``postgres``, which Debian keeps out of the path."""
    named = shutil.which("postgres")
    places = [Path(named).resolve().parent] if named else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def find_redis() -> str | None:
    """Return the program of Redis, or of Valkey."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


class _Server:
    """A process in a folder of its own."""

    _stopping = signal.SIGTERM

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="provenance-"))
        self._user = "nobody" if os.name == "posix" and os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self.folder, self._user)
        self._process: subprocess.Popen[bytes] | None = None

    def _start(self, command: Sequence[str], ready: Callable[[], bool]) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.folder, user=self._user, stdout=log, stderr=log
            )
        deadline = time.monotonic() + _PATIENCE
        while not ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = (self.folder / "log").read_text(errors="replace")
                self.close()
                msg = f"the server does not answer: {said}"
                raise RuntimeError(msg)
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the process; what it keeps stays."""
        if self._process:
            self._process.send_signal(self._stopping)
            self._process.wait(_PATIENCE)
            self._process = None

    def close(self) -> None:
        """Stop the process and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class PostgresServer(_Server):
    """A PostgreSQL server with one database.

    Attributes:
        url: Address of the database; its user may do everything.
    """

    _stopping = signal.SIGINT  # at once, not when the last client has left

    def __init__(self) -> None:
        super().__init__()
        programs = find_postgres()
        if programs is None:
            self.close()
            msg = "PostgreSQL is not installed"
            raise RuntimeError(msg)
        self._programs = programs
        self.url = f"postgresql://keeper@/postgres?host={self.folder}"
        subprocess.run(
            [programs / "initdb", "-D", "data", "-U", "keeper", "-A", "trust", "-E", "UTF8", "-N"],
            cwd=self.folder,
            user=self._user,
            check=True,
            capture_output=True,
        )
        self.start()

    def start(self) -> None:
        """Start it, for the first time or again."""
        socket = self.folder / ".s.PGSQL.5432"
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}"]
        options = [word for setting in settings for word in ("-c", setting)]
        self._start(
            [str(self._programs / "postgres"), "-D", "data", *options],
            lambda: socket.exists() and self._answers(),
        )

    def _answers(self) -> bool:
        asked = subprocess.run(
            [self._programs / "pg_isready", "-q", "-h", self.folder], check=False
        )
        return asked.returncode == 0


class RedisServer(_Server):
    """A Redis or Valkey server that writes every command to its log.

    Attributes:
        url: Address.
    """

    def __init__(self) -> None:
        super().__init__()
        self.url = f"unix://{self.folder}/redis.sock"
        self.start()

    def start(self) -> None:
        """Start it, for the first time or again."""
        program = find_redis()
        if program is None:
            self.close()
            msg = "neither redis-server nor valkey-server is installed"
            raise RuntimeError(msg)
        socket = self.folder / "redis.sock"
        socket.unlink(missing_ok=True)
        settings = {"port": "0", "unixsocket": str(socket), "save": "", "appendonly": "yes"}
        options = [word for name, value in settings.items() for word in (f"--{name}", value)]
        self._start([program, *options], socket.exists)
