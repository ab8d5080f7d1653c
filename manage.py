#!/usr/bin/env python3
"""Django's commands, with the embedded servers found or started for their length."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

PROJECT = Path(__file__).resolve().parent


def main() -> None:
    python = PROJECT / "var" / "venv" / "bin" / "python"
    if find_spec("django") is None and python.exists() and Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), *sys.argv])
    if find_spec("django") is None:
        sys.exit("Nothing is installed yet: run `make run` first.")
    from django.core.management import execute_from_command_line

    from stack.commands import servers_for

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsdesk.settings")
    with servers_for(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
