"""Child processes that never outlive us, and the record that finds any that did.

Every child is the head of its own session, so a Ctrl-C at the terminal reaches only us and the
stop order is ours to keep. The kernel signals a child when the thread that started it dies: start
children from the main thread only.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stack.console import Trouble
from stack.locks import Lock
from stack.places import write_private

LAUNCHER = Path(__file__).with_name("launch.py")
GUARD = Path(__file__).with_name("guard.py")
LOG_KEPT_BYTES = 10 * 1024 * 1024


@dataclass
class Child:
    """One program we start and stop. Signals are tried in order, each with its patience (s)."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    folder: Path
    log: Path
    identity: str = "same"
    # SIGTERM lets a program end its work; a supervisor that was killed needs a quicker end.
    death_signal: signal.Signals = signal.SIGTERM
    stop_signals: Sequence[tuple[signal.Signals, float]] = (
        (signal.SIGTERM, 15),
        (signal.SIGKILL, 5),
    )
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    def start(self) -> None:
        shorten(self.log)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*launched(self.death_signal, self.identity), *self.command],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        if self.running and self.process:
            self.process.send_signal(self.stop_signals[0][0])

    def stop(self) -> None:
        """Stop it and whatever it started; returns when nothing of it is left."""
        if self.process is None:
            return
        for number, patience in self.stop_signals:
            if self.process.poll() is not None:
                break
            self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        end_group(self.process.pid)

    def last_words(self, lines: int = 15) -> str:
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def died(self) -> Trouble:
        code = self.process.poll() if self.process else None
        return Trouble(
            f"{self.name} stopped at once (exit status {code}). The end of {self.log}:\n\n"
            f"{self.last_words()}"
        )


def launched(death_signal: signal.Signals, identity: str) -> list[str]:
    """The words that go before a command to give it an identity and a death signal."""
    return [
        sys.executable,
        "-I",
        "-S",
        str(LAUNCHER),
        str(os.getpid()),
        str(int(death_signal)),
        identity,
    ]


def shorten(log: Path) -> None:
    """Keep one older log of at most `LOG_KEPT_BYTES` bytes."""
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(log.with_suffix(".old.log"))


def end_group(leader: int) -> None:
    """End what is left of a session whose leader is gone (prefork children of a killed worker)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def birth(pid: int) -> str | None:
    """When a process began, in the kernel's own words; None where it is gone or a zombie.

    A pid alone can belong to another process by now; pid and birth together cannot.
    """
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else fields[19]
    answer = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or None


def command_of(pid: int) -> list[str]:
    """The words a process was started with; empty where it is gone."""
    if Path("/proc/self/cmdline").exists():
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return []
        return [os.fsdecode(word) for word in raw.split(b"\0")[:-1]]
    answer = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout.split()


def boot() -> str:
    """Which start of the machine this is; process numbers mean nothing across two of them."""
    identity = Path("/proc/sys/kernel/random/boot_id")
    if identity.exists():
        return identity.read_text(encoding="ascii").strip()
    answer = subprocess.run(
        ["sysctl", "-n", "kern.boottime"], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip()


def record(file: Path, children: Sequence[Child]) -> None:
    """Write down who runs, for the guard and for a later start that finds us killed."""
    rows = [
        {"name": child.name, "pid": child.process.pid, "birth": birth(child.process.pid)}
        for child in children
        if child.process and child.running
    ]
    own = {"pid": os.getpid(), "birth": birth(os.getpid())}
    write_private(file, json.dumps({"boot": boot(), "by": own, "processes": rows}))


def start_guard(records: Path) -> "subprocess.Popen[bytes]":
    """A process that stops whoever is recorded, should this one die without doing so."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(GUARD), str(records)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def dismiss_guard(guard: "subprocess.Popen[bytes]", records: Path) -> None:
    records.unlink(missing_ok=True)
    if guard.stdin:
        guard.stdin.close()
    guard.wait(30)


def stop_recorded(file: Path, patience: float = 0.0) -> None:
    """Stop whatever a killed supervisor left running, and what that had started in turn.

    A dying process closes its pipes before it is gone: whoever heard that waits `patience` seconds.
    """
    lock = Lock(file.with_suffix(".lock"))
    # The guard of the killed supervisor and the next start may both be here.
    lock.take(wait=True)
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        wait_gone([said["by"]], patience)
        if said["boot"] == boot() and birth(said["by"]["pid"]) != said["by"]["birth"]:
            stop_all(said["processes"])
            file.unlink()
    except (OSError, ValueError, KeyError, TypeError):
        return  # no record, or one that a crash left unreadable
    finally:
        lock.release()


def stop_all(rows: list[dict[str, Any]]) -> None:
    # A leader that is gone keeps its number reserved as long as its group lives.
    ours = [row for row in rows if birth(row["pid"]) in {row["birth"], None}]
    left = [row for row in ours if birth(row["pid"])]
    # SIGINT is a quick and clean end for every program of the stack.
    for number, patience in ((signal.SIGINT, 8.0), (signal.SIGKILL, 5.0)):
        for row in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(row["pid"], number)
        left = wait_gone(left, patience)
    for row in ours:
        end_group(row["pid"])


def wait_gone(rows: list[dict[str, Any]], patience: float) -> list[dict[str, Any]]:
    """Those of the recorded processes still there after at most `patience` seconds."""
    until = time.monotonic() + patience
    while True:
        rows = [row for row in rows if birth(row["pid"]) == row["birth"]]
        if not rows or time.monotonic() >= until:
            return rows
        time.sleep(0.05)
