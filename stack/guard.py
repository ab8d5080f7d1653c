"""Stops what a killed supervisor leaves behind.

`guard.py RECORDS` reads its standard input, a pipe whose other end only the supervisor holds. The
pipe ends when the supervisor does, however it dies; whoever is still in RECORDS then is stopped.
The death signals of `launch.py` reach our children at once, but not what they started in turn (the
pool of a Celery worker), and they are Linux's alone.
"""

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from stack.processes import stop_recorded


def main() -> None:
    # A closing terminal or a Ctrl-C is the supervisor's to handle.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    stop_recorded(Path(sys.argv[1]), patience=5.0)


if __name__ == "__main__":
    main()
