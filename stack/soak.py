"""`make soak`: the hundreds of rounds that are too long for every run (`-m soak`)."""

import os
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from stack import environment
from stack.browser import find_chromium
from stack.checks import Gate
from stack.console import Trouble, give_up
from stack.places import PROJECT
from stack.supervisor import stop_on_signals
from stack.testing import servers_for_tests


def main() -> None:
    stop_on_signals()
    try:
        environment.check_platform()
        environment.ensure([environment.DEVELOPMENT, environment.EMBEDDED], Path(__file__))
        with servers_for_tests() as servers:
            told = {**os.environ, **servers}
            if chromium := find_chromium():
                told["OPSDESK_CHROMIUM"] = chromium
            words = ["-m", "pytest", "-q", "-m", "soak", "--timeout", "7200", *sys.argv[1:]]
            sys.exit(0 if Gate("soak", words).run(told) else 1)
    except Trouble as trouble:
        give_up(trouble)
    except KeyboardInterrupt:
        sys.exit("\nStopped.")


if __name__ == "__main__":
    os.chdir(PROJECT)
    main()
