"""What the stack says on the terminal."""

import sys
from typing import NoReturn


class Trouble(Exception):
    """Something the person at the terminal can put right; the text says how."""


def say(text: str = "") -> None:
    print(text, flush=True)


def warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def give_up(trouble: Trouble) -> NoReturn:
    warn(f"\n{trouble}")
    sys.exit(1)
