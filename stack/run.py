"""`make run`: from a clean clone to a page in the browser."""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - said plainly instead of a syntax error
    sys.exit("OpsDesk needs Python 3.11 or later; this is " + sys.version.split()[0])
# The folder of this script would hide modules of the standard library.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

import os
import time

from stack import environment
from stack.console import Trouble, give_up, say
from stack.house import House
from stack.locks import Lock
from stack.places import Places
from stack.preparation import prepare
from stack.servers import (
    Servers,
    Wanted,
    announce,
    announced,
    is_free,
    make_secret_key,
    withdraw,
)
from stack.supervisor import Supervisor, stop_on_signals


def main() -> None:
    stop_on_signals()
    # Installing restarts this script inside the virtual environment; the clock goes on.
    begun = float(os.environ.setdefault("OPSDESK_BEGUN", str(time.time())))
    try:
        environment.check_platform()
        environment.ensure([environment.RUNTIME, environment.EMBEDDED], Path(__file__))
        run(Places.from_environment(), begun)
    except Trouble as trouble:
        give_up(trouble)
    except KeyboardInterrupt:
        say("\nStopped; nothing is left running.")


def run(places: Places, begun: float) -> None:
    places.make()
    lock = Lock(places.run / "servers.lock")
    if not hold(lock, places):
        return
    house = House.from_environment(places)
    if not is_free(house.port, house.host):
        raise Trouble(
            f"Port {house.port} is used by another program. Choose another: PORT=8001 make run"
        )
    make_secret_key(places)
    servers = Servers(places, Wanted.from_environment())
    supervisor = Supervisor(servers.records)
    try:
        servers.spawn()
        supervisor.add(servers.children)
        house.addresses = servers.environment
        cast = prepare(places, servers, house.environment())
        # The page first: on two cores it comes twice as soon as when all three start together.
        supervisor.add([house.web()])
        servers.wait()
        house.wait_for_page(supervisor)
        supervisor.add([house.worker(), house.beat()])
        announce(places, "make run", servers.environment, house.url)
        say(f"\nOpsDesk is ready at {house.url}  ({time.time() - begun:.1f} s)\n")
        if cast:
            say(cast)
        say(f"Logs: {places.logs}   Stop: Ctrl-C")
        supervisor.watch()
    finally:
        withdraw(places)
        supervisor.stop()
        servers.stop()  # dismisses the guard; stops them itself where the start failed early
        lock.release()


def hold(lock: Lock, places: Places) -> bool:
    """Take the servers of this data folder; false where another `make run` has them."""
    told = ""
    while not lock.take():
        holder = announced(places)
        if holder and holder.url:
            say(f"OpsDesk is already running at {holder.url} (process {holder.pid}).")
            return False
        who = f"{holder.what} (process {holder.pid})" if holder else "another start"
        if told != who:
            told = who
            say(f"Waiting for {who}, which uses the servers of {places.data} …")
        time.sleep(0.2)
    return True


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parent.parent)
    main()
