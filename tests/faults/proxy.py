"""A proxy of bytes between the real client and the emulator, which breaks connections where it is told to.

It reads one request at a time, so that "after byte N" means the same in every run; what it does to the two connections
are the system's own resets, closes and silences.
"""

import contextlib
import re
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass

RESET = struct.pack("ii", 1, 0)
"""Of SO_LINGER: a close that sends RST."""
SILENT_S = 60.0
"""Longer than any client waits."""


@dataclass(frozen=True)
class Fault:
    """What becomes of a request. `at` counts bytes of the request or of the answer."""

    name: str
    at: int = 0

    @property
    def is_twice(self):
        """Whether what was sent once arrives twice: nothing that cannot be repeated withstands that."""
        return self.name.startswith("twice")


REQUEST = ("reset_request", "stop_request")
ANSWER = ("reset_answer", "close_answer", "garble_answer")
"""At a byte of the request, and at one of the answer."""
PLAIN = ("lost", "unheard", "late", "too_late", "twice", "twice_unheard", "trickle", "split")
"""lost: swallowed, and silence. unheard: it lands, and silence. late: the client is cut off, then it lands. too_late:
the same, after its deadline. twice: two copies, one answer. trickle: byte by byte, both ways. split: in two pieces."""


class Proxy:
    """Listens while its `with` block runs. `arm` says what befalls the next request of each kind."""

    def __init__(self, port, *, after=lambda fault: None):
        self._port, self._after = port, after
        self._faults, self._lock, self._open = {}, threading.Lock(), set()
        self.struck, self.seen = Counter(), {}

    def __enter__(self):
        self._server = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._closing.set()
        with self._lock:
            for each in (self._server, *self._open):
                _shut(each)

    def arm(self, faults):
        """Faults by kind of request: each strikes once."""
        with self._lock:
            self._faults = dict(faults)
            self.struck.clear()

    def _accept(self):
        while not self._closing.is_set():
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        cloud = self._cloud()
        with self._lock:
            self._open.update((client, cloud))
        try:
            while request := read_message(client):
                with self._lock:
                    fault = self._faults.pop(kind_of(request), None)
                    if fault is not None:
                        self.struck[kind_of(request)] += 1
                if fault is None:
                    cloud.sendall(request)
                    answer = read_message(cloud)
                    self.seen[kind_of(request)] = (len(request), len(answer))
                    client.sendall(answer)
                elif not self._strike(fault, request, client, cloud):
                    return
        except OSError:
            return
        finally:
            with self._lock:
                self._open.difference_update((client, cloud))
            client.close()
            cloud.close()

    def _cloud(self):
        return socket.create_connection(("127.0.0.1", self._port))

    def _strike(self, fault, request, client, cloud):
        """Does it; true when the connections live on."""
        match fault.name:
            case "reset_request" | "stop_request":
                cloud.sendall(request[: fault.at])
                cloud.close()
                if fault.name == "reset_request":
                    _reset(client)
            case "reset_answer" | "close_answer":
                answer = _ask(cloud, request)
                client.sendall(answer[: fault.at])
                if fault.name == "reset_answer":
                    time.sleep(0.002)  # a reset overtakes what was not read yet; both are to be seen
                    _reset(client)
            case "garble_answer":
                answer = bytearray(_ask(cloud, request))
                answer[fault.at % len(answer)] = 0  # another letter would be another answer: TLS is against that
                client.sendall(answer)
            case "lost" | "unheard" | "twice_unheard":
                for _ in range({"lost": 0, "unheard": 1, "twice_unheard": 2}[fault.name]):
                    _ask(cloud, request)
                self._after(fault)
                self._closing.wait(0) or _until_gone(client)
                return False
            case "late" | "too_late":
                _reset(client)
                time.sleep(0.05)
                if fault.name == "too_late":
                    self._after(fault)
                _ask(cloud, request)
            case "twice":
                _ask(cloud, request)
                client.sendall(_ask(cloud, request))
                return True
            case "trickle":
                for n in range(len(request)):
                    cloud.sendall(request[n : n + 1])
                answer = read_message(cloud)
                for n in range(len(answer)):
                    client.sendall(answer[n : n + 1])
                return True
            case "split":
                cloud.sendall(request[: len(request) // 2])
                time.sleep(0.02)
                answer = _ask(cloud, request[len(request) // 2 :])
                client.sendall(answer[: len(answer) // 2])
                time.sleep(0.02)
                client.sendall(answer[len(answer) // 2 :])
                return True
        self._after(fault)
        return False


def kind_of(request):
    """What a request asks for: the Aliyun action, or OneNET's method, path and action."""
    line, _, rest = request.partition(b"\r\n")
    method, target, _ = line.decode("ascii").split(" ")
    path, _, query = target.partition("?")
    if path == "/":
        found = re.search(
            r"(?:x-acs-action: |\bAction=)(\w+)", line.decode("ascii") + rest.decode("latin-1"), re.IGNORECASE
        )
        return found[1]
    action = re.search(r"\baction=(\w+)", query)
    return f"{method} {re.sub(r'[0-9a-f-]{36}', '{uuid}', path)}" + (f" {action[1]}" if action else "")


def read_message(connection):
    """A whole request or answer; empty when the other side closed before it."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    while length and len(body) < int(length[1]):
        piece = connection.recv(65536)
        if not piece:
            return b""
        data, body = data + piece, body + piece
    return data


def _ask(cloud, request):
    cloud.sendall(request)
    return read_message(cloud)


def _until_gone(client):
    """Keeps the connection open, and says nothing, until the client gives up."""
    client.settimeout(SILENT_S)
    while client.recv(65536):
        pass


def _reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    connection.close()


def _shut(connection):
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
