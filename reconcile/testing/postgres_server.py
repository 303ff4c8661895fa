"""A PostgreSQL server of the tests' own, from the machine's binaries: made, started, killed and thrown away.

Shared by the processes of one test session: the first one in starts it, the last one out ends it. As root it runs as
`nobody`, because PostgreSQL refuses root. What it holds survives a SIGKILL of the server, not one of the machine.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_HBA: Final = """local all with_password scram-sha-256
host all with_password 127.0.0.1/32 scram-sha-256
local all all trust
host all all 127.0.0.1/32 trust
"""
_SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "16MB",
    "max_wal_size": "256MB",
    "autovacuum": "off",
    "lc_messages": "C",
}


def binaries() -> Path | None:
    """The folder of the newest `initdb` of this machine; None without one. Debian keeps it outside of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).parent if named else None


class Server:
    """A server whose data, socket and log lie in one folder."""

    def __init__(self, folder: Path) -> None:
        bin_folder = binaries()
        assert bin_folder is not None, "no PostgreSQL here"
        self._bin, self.folder = bin_folder, folder
        self._data = folder / "data"

    @property
    def port(self) -> int:
        """Its port on the loopback, which names its socket too."""
        return int((self.folder / "port").read_text())

    def url(self, *, user: str = "postgres", tcp: bool = False) -> str:
        """Its address, without a schema."""
        host = "127.0.0.1" if tcp else str(self.folder).replace("/", "%2F")
        return f"postgresql://{user}@{host}:{self.port}/postgres"

    def make(self) -> None:
        """A new cluster."""
        self._own(self.folder)
        command = [str(self._bin / "initdb"), "-D", str(self._data), "-U", "postgres", "-E", "UTF8", "--locale=C"]
        self._run([*command, "-A", "trust", "--no-sync"])
        with (self._data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in _SETTINGS.items())
            conf.write(f"unix_socket_directories = '{self.folder}'\n")
        (self._data / "pg_hba.conf").write_text(_HBA)
        (self.folder / "port").write_text(str(_free_port()))

    def start(self) -> None:
        """Runs it; returns when it answers."""
        command = [str(self._bin / "pg_ctl"), "-D", str(self._data), "-l", str(self.folder / "log"), "-w", "-t", "30"]
        self._run([*command, "-o", f"-p {self.port}", "start"])

    def kill(self) -> None:
        """SIGKILL to the server, and to each of its processes: nothing is flushed, and nobody is told."""
        leader = int((self._data / "postmaster.pid").read_text().split()[0])
        everyone = (leader, *_children(leader))
        for pid in everyone:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        give_up_at = time.monotonic() + 10
        while any(map(_lives, everyone)) and time.monotonic() < give_up_at:
            time.sleep(0.01)
        # The next one would take whoever nobody has waited for (a zombie) for a server that runs.
        (self._data / "postmaster.pid").unlink()
        (self.folder / f".s.PGSQL.{self.port}.lock").unlink()

    def discard(self) -> None:
        """Ends it, and leaves nothing behind."""
        with suppress(AssertionError):  # it may be gone already
            self._run([str(self._bin / "pg_ctl"), "-D", str(self._data), "-m", "immediate", "-w", "stop"])
        shutil.rmtree(self.folder, ignore_errors=True)

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(path, _NOBODY)

    def _run(self, command: list[str]) -> None:
        user = _NOBODY if os.geteuid() == 0 else None
        env = {"PATH": os.environ.get("PATH", ""), "LANG": "C"}
        with (self.folder / "made").open("wb") as told:
            done = subprocess.run(command, stdout=told, stderr=told, user=user, cwd="/", env=env, check=False)
        assert done.returncode == 0, (self.folder / "made").read_text()


_NOBODY: Final = "nobody"


@contextmanager
def shared(session: Path) -> Iterator[Server]:
    """The server of a test session whose processes share that folder."""
    users, place = session / "postgres.users", session / "postgres.folder"
    with _alone(session):
        if not place.exists():
            folder = Path(tempfile.mkdtemp(prefix="reconcile-pg-"))
            folder.chmod(0o755)
            server = Server(folder)
            server.make()
            server.start()
            place.write_text(str(folder))
            users.write_text("0")
        users.write_text(str(int(users.read_text()) + 1))
    server = Server(Path(place.read_text()))
    try:
        yield server
    finally:
        with _alone(session):
            left = int(users.read_text()) - 1
            users.write_text(str(left))
            if left == 0:
                place.unlink()
                server.discard()


@contextmanager
def _alone(session: Path) -> Iterator[None]:
    with (session / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
