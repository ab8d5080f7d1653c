"""Keeps a list of children running, and stops them in the opposite order."""

import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from stack.console import say
from stack.processes import Child, record

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
# A child that ran this long (s) was well; its next restart is quick again.
WELL_AFTER = 60.0
LOOK_EVERY = 0.2


@dataclass
class Watch:
    """One child with its back-off: 0.5 s, doubled at each early death, 30 s at most."""

    child: Child
    started: float = 0.0
    delay: float = FIRST_DELAY
    due: float | None = None

    def look(self, now: float) -> bool:
        """Restart the child where that is due; true if it was started."""
        if self.child.running:
            return False
        if self.due is None:
            if now - self.started > WELL_AFTER:
                self.delay = FIRST_DELAY
            code = self.child.process.poll() if self.child.process else None
            say(
                f"{self.child.name} ended (exit status {code}); starting it again in "
                f"{self.delay:g} s. Its log: {self.child.log}"
            )
            self.due = now + self.delay
            self.delay = min(self.delay * 2, LONGEST_DELAY)
        if now < self.due:
            return False
        self.child.stop()  # what a killed parent left of its group
        self.child.start()
        self.started, self.due = now, None
        return True


@dataclass
class Supervisor:
    """Children in the order they start; they stop in the opposite order."""

    records: Path
    children: list[Child] = field(default_factory=list)

    def add(self, children: Sequence[Child]) -> None:
        for child in children:
            if not child.running:
                child.start()
            self.children.append(child)
        record(self.records, self.children)

    def watch(self) -> None:
        """Until a signal raises KeyboardInterrupt (see `stop_on_signals`)."""
        now = time.monotonic()
        watches = [Watch(child, started=now) for child in self.children]
        while True:
            now = time.monotonic()
            restarted = [watch.look(now) for watch in watches]
            if any(restarted):
                record(self.records, self.children)
            time.sleep(LOOK_EVERY)

    def stop(self) -> None:
        """Stop everything; bounded by the patience of each child. Signals can no longer stop us."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for child in reversed(self.children):
            child.stop()
        self.records.unlink(missing_ok=True)


def stop_on_signals() -> None:
    """Make SIGTERM and a closed terminal do what Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # `nohup make run` ignores SIGHUP on purpose.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupt)
    signal.signal(signal.SIGINT, interrupt)


def interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
