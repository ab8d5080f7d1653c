"""`make test`: from a clean clone through every gate. Arguments go to the first pytest run only,
and leave the other gates out: `python3 stack/test.py tests/tickets -k relay`."""

import os
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - said plainly instead of a syntax error
    sys.exit("OpsDesk needs Python 3.11 or later; this is " + sys.version.split()[0])
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from stack import environment
from stack.browser import find_or_install_chromium
from stack.checks import Gate, run_gates
from stack.console import Trouble, give_up, say
from stack.places import PROJECT
from stack.supervisor import stop_on_signals
from stack.testing import servers_for_tests

PYTEST = ["-m", "pytest", "-q", "-n", "2"]
FAST = "not browser and not slow and not soak"
SLOW = "slow and not browser and not soak"


def main() -> None:
    stop_on_signals()
    try:
        environment.check_platform()
        environment.ensure([environment.DEVELOPMENT, environment.EMBEDDED], Path(__file__))
        with servers_for_tests() as servers:
            sys.exit(run({**os.environ, **servers}, sys.argv[1:]))
    except Trouble as trouble:
        give_up(trouble)
    except KeyboardInterrupt:
        sys.exit("\nStopped.")


def run(told: dict[str, str], chosen: list[str]) -> int:
    if chosen:
        return 0 if Gate("tests", ["-m", "pytest", *chosen]).run(told) else 1
    tests = [
        Gate("tests, fast tier", [*PYTEST, "-m", FAST]),
        # By file: several start one house for all their tests.
        Gate("tests that start whole stacks", [*PYTEST, "--dist", "loadfile", "-m", SLOW]),
    ]
    chromium = find_or_install_chromium()
    if chromium:
        told = {**told, "OPSDESK_CHROMIUM": chromium}
        # One at a time: keys pressed one upon another need a machine that follows them.
        browser = ["-m", "pytest", "-q", "-m", "browser and not soak"]
        tests.append(Gate(f"tests in a browser ({chromium})", browser))
    elif os.environ.get("CI") == "true":
        say("No Chromium could be found or installed, and CI=true: that is a failure.")
    status = run_gates(told, tests)
    if chromium:
        say(f"Screenshots: {PROJECT / 'build' / 'screenshots'}")
        return status
    say("\n" + "!" * 80)
    say("!! BROWSER TESTS SKIPPED: no Chromium. Install one, or set OPSDESK_CHROMIUM=/path/to/it.")
    say("!" * 80)
    return 1 if os.environ.get("CI") == "true" else status


if __name__ == "__main__":
    os.chdir(PROJECT)
    main()
