"""`make bench`: loads `SIZE` tickets once into a data folder of its own, then measures.

The folder (`build/bench-data-SIZE`) is kept, so that a second run only measures; the demo company
is never touched. `manage.py bench` does both and writes `build/bench.json`.
"""

import os
import subprocess
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from stack import environment
from stack.console import Trouble, give_up, say
from stack.house import House
from stack.locks import Lock
from stack.places import PROJECT, Places
from stack.servers import Servers, Wanted, free_port, make_secret_key
from stack.supervisor import stop_on_signals

DEFAULT_SIZE = "100000"


def main() -> None:
    stop_on_signals()
    try:
        environment.check_platform()
        environment.ensure([environment.RUNTIME, environment.EMBEDDED], Path(__file__))
        sys.exit(bench(os.environ.get("SIZE") or DEFAULT_SIZE))
    except Trouble as trouble:
        give_up(trouble)
    except KeyboardInterrupt:
        sys.exit("\nStopped.")


def bench(size: str) -> int:
    if not size.isdigit() or int(size) < 1:
        raise Trouble(
            f"SIZE is {size!r}; it must be a number of tickets, for example SIZE=1000000."
        )
    places = Places(PROJECT / "build" / f"bench-data-{size}")
    places.make()
    lock = Lock(places.run / "servers.lock")
    if not lock.take():
        raise Trouble(f"Another `make bench` of this size is running on {places.data}.")
    make_secret_key(places)
    servers = Servers(places, Wanted(postgres=True, valkey=True))
    try:
        servers.start()
        house = House(places, "127.0.0.1", free_port(), servers.environment)
        told = {**house.environment(), "OPSDESK_STATEMENT_TIMEOUT_MS": "0"}
        say(f"Preparing {places.data} …")
        manage(["prepare", "--without-demo"], told)
        return manage(["bench", "--size", size, *sys.argv[1:]], told, must_work=False)
    finally:
        servers.stop()
        lock.release()


def manage(words: list[str], told: dict[str, str], *, must_work: bool = True) -> int:
    answer = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), *words], cwd=PROJECT, env=told, check=False
    )
    if must_work and answer.returncode:
        raise Trouble(f"manage.py {words[0]} failed; what it said is above.")
    return answer.returncode


if __name__ == "__main__":
    os.chdir(PROJECT)
    main()
