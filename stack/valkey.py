"""The embedded Valkey (or Redis): queues, cache and live counters, with a password."""

import socket
from dataclasses import dataclass
from pathlib import Path

from stack.places import write_private
from stack.processes import Child


@dataclass
class Valkey:
    program: Path
    data: Path
    log: Path
    password: str
    for_tests: bool = False

    def child(self, port: int) -> Child:
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = self.data / "valkey.conf"
        write_private(settings, self.configuration(port))
        return Child(
            name="Valkey",
            command=[str(self.program), str(settings)],
            environment={"LC_ALL": "C"},
            folder=self.data,
            log=self.log,
        )

    def configuration(self, port: int) -> str:
        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            "protected-mode yes",
            f"requirepass {self.password}",
            # Its working folder is set by us: a path needs no quoting then.
            "dir .",
            "daemonize no",
            'save ""',
            # A queue must survive a kill; nothing may be thrown out to make room.
            f"appendonly {'no' if self.for_tests else 'yes'}",
            "maxmemory-policy noeviction",
        ]
        return "\n".join(lines) + "\n"

    def ready(self, port: int) -> bool:
        """Whether it answers our password and has read its file."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.settimeout(1)
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    piece = connection.recv(256)
                    if not piece:
                        return False
                    answer += piece
        except OSError:
            return False
        return answer.endswith(b"+PONG\r\n")
