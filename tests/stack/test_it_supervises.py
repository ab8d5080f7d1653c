"""Children are restarted with a growing pause, and stop in order with all they started."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stack.processes import Child, birth, record, stop_recorded
from stack.supervisor import LONGEST_DELAY, WELL_AFTER, Supervisor, Watch
from tests.stack.ground import alive_below, wait_until_gone

SLEEPER = "import time; time.sleep(600)"
# Writes its name when told to stop, then takes a moment to end.
TELLS = """
import signal, sys, time
def stop(*_):
    open("stopped", "a").write(sys.argv[1] + " ")
    time.sleep(0.1)
    open("stopped", "a").write(sys.argv[1] + "! ")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
open(sys.argv[1], "w").close()
time.sleep(600)
"""
FORKS = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", sys.argv[1]])
time.sleep(600)
"""


def child(folder: Path, name: str, program: str, *words: str) -> Child:
    return Child(
        name=name,
        command=[sys.executable, "-c", program, *words],
        environment=dict(os.environ),
        folder=folder,
        log=folder / f"{name}.log",
    )


def wait_for(file: Path) -> None:
    until = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < until, f"{file} never came"
        time.sleep(0.02)


def test_a_dead_child_is_started_again_after_a_growing_pause(tmp_path: Path) -> None:
    watch = Watch(child(tmp_path, "short", "raise SystemExit(3)"))
    watch.child.start()
    now, pauses = 100.0, []
    for _ in range(9):
        assert watch.child.process
        watch.child.process.wait(60)
        assert watch.look(now) is False
        assert watch.due
        pauses.append(watch.due - now)
        assert watch.look(watch.due - 0.01) is False
        now = watch.due
        assert watch.look(now) is True
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]
    assert max(pauses) == LONGEST_DELAY
    watch.child.stop()
    watch.look(now + WELL_AFTER + 1)
    assert watch.due
    assert watch.due - (now + WELL_AFTER + 1) == 0.5
    watch.child.stop()


def test_a_living_child_is_left_alone(tmp_path: Path) -> None:
    watch = Watch(child(tmp_path, "long", SLEEPER))
    watch.child.start()
    assert watch.look(time.monotonic()) is False
    assert watch.due is None
    watch.child.stop()


def test_children_stop_in_the_opposite_order_one_after_the_other(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "children.json")
    names = ["database", "web", "worker", "beat"]
    supervisor.add([child(tmp_path, name, TELLS, name) for name in names])
    for name in names:
        wait_for(tmp_path / name)
    handlers = {number: signal.getsignal(number) for number in (1, 2, 15)}
    try:
        supervisor.stop()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    told = (tmp_path / "stopped").read_text().split()
    assert told == ["beat", "beat!", "worker", "worker!", "web", "web!", "database", "database!"]
    assert not (tmp_path / "children.json").exists()


def test_a_stubborn_child_and_its_own_children_are_killed(tmp_path: Path) -> None:
    stubborn = child(tmp_path, "stubborn", FORKS, "import signal; signal.pause()")
    stubborn.stop_signals = ((signal.SIGCONT, 0.2), (signal.SIGKILL, 5))
    stubborn.start()
    until = time.monotonic() + 60
    while len(alive_below(tmp_path)) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(alive_below(tmp_path)) == 2
    stubborn.stop()
    assert wait_until_gone(tmp_path, 60) == {}


@pytest.mark.skipif(sys.platform != "linux", reason="death signals are the Linux kernel's")
def test_a_killed_supervisor_takes_its_children_along(tmp_path: Path) -> None:
    program = f"""
import os, sys, time
from pathlib import Path
from stack.processes import Child
folder = Path({str(tmp_path)!r})
Child("c", [sys.executable, "-c", {SLEEPER!r}], dict(os.environ), folder, folder / "log").start()
print("started", flush=True)
time.sleep(600)
"""
    supervisor = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert supervisor.stdout
    assert supervisor.stdout.readline() == b"started\n"
    until = time.monotonic() + 60
    while len(alive_below(tmp_path)) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(alive_below(tmp_path)) == 2
    supervisor.kill()
    supervisor.wait(60)
    supervisor.stdout.close()
    assert wait_until_gone(tmp_path, 60) == {}


def test_a_guard_ends_what_the_children_of_a_killed_supervisor_had_started(tmp_path: Path) -> None:
    program = f"""
import os, sys, time
from pathlib import Path
from stack.processes import Child, record, start_guard
folder = Path({str(tmp_path)!r})
guard = start_guard(folder / "records")
child = Child("c", [sys.executable, "-c", {FORKS!r}, {SLEEPER!r}], dict(os.environ), folder,
              folder / "log")
child.start()
record(folder / "records", [child])
print("started", flush=True)
time.sleep(600)
"""
    supervisor = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert supervisor.stdout
    assert supervisor.stdout.readline() == b"started\n"
    until = time.monotonic() + 60
    while len(alive_below(tmp_path)) < 4 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(alive_below(tmp_path)) == 4  # supervisor, guard, child, grandchild
    supervisor.kill()
    supervisor.wait(60)
    supervisor.stdout.close()
    assert wait_until_gone(tmp_path, 60) == {}


def test_what_an_earlier_start_left_is_stopped_and_nothing_else(tmp_path: Path) -> None:
    left, other = child(tmp_path, "left", SLEEPER), child(tmp_path, "other", SLEEPER)
    left.start()
    other.start()
    assert left.process
    assert other.process
    file = tmp_path / "children.json"
    record(file, [left, other])
    # A number that now belongs to another process: same pid, another birth.
    said = json.loads(file.read_text())
    born = [row["birth"] for row in said["processes"]]
    assert born == [birth(left.process.pid), birth(other.process.pid)]
    said["processes"][1]["birth"] = "1"
    file.write_text(json.dumps(said))
    stop_recorded(file)
    assert left.running  # the supervisor that wrote the record lives: it is us
    said["by"]["birth"] = "1"
    file.write_text(json.dumps(said))
    stop_recorded(file)
    assert left.process.wait(60) != 0
    assert other.running
    other.stop()
