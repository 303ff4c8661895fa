"""A network between a client and a PostgreSQL server that takes a COMMIT, or its answer, away."""

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Cutter:
    """Forwards bytes both ways. `armed`: `answer` cuts when the COMMIT is answered, `question` before it is sent;
    `silent` keeps the server's side open then, as a network does that is gone."""

    def __init__(self, url):
        self.server = urlsplit(url)
        self.armed = None
        self.cuts = 0
        self.kept = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        """The server's address, through here."""
        return f"postgresql://{self.server.username}@127.0.0.1:{self.listening.getsockname()[1]}{self.server.path}"

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                server = socket.create_connection((self.server.hostname, self.server.port))
                self.kept += [client, server]
                unanswered = threading.Event()
                for job in (self.up, self.down):
                    threading.Thread(target=job, args=(client, server, unanswered), daemon=True).start()

    def up(self, client, server, unanswered):
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self.armed and b"COMMIT\0" in data:
                    armed, self.armed = self.armed, None
                    self.cuts += 1
                    if armed == "answer":
                        unanswered.set()
                        server.sendall(data)
                        return
                    client.shutdown(socket.SHUT_RDWR)
                    if armed != "silent":
                        server.shutdown(socket.SHUT_RDWR)
                    return
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)

    def down(self, client, server, unanswered):
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                if unanswered.is_set():
                    server.shutdown(socket.SHUT_RDWR)
                    break
                client.sendall(data)
            client.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listening.close()
        for one in self.kept:
            one.close()
