"""`make lock`: write the lock files anew from `pyproject.toml`, newest allowed versions."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent)

from stack import environment
from stack.console import Trouble, give_up, say
from stack.places import PROJECT

# Hashes, and no address of any index: whoever installs uses the index set up on their machine.
OPTIONS = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header")


def main() -> None:
    try:
        environment.ensure([environment.DEVELOPMENT], Path(__file__))
        lock(environment.RUNTIME, "pyproject.toml")
        lock(environment.EMBEDDED, "--group", "embedded", "-c", environment.RUNTIME)
        constraints = ("-c", environment.RUNTIME, "-c", environment.EMBEDDED)
        lock(environment.DEVELOPMENT, "pyproject.toml", "--group", "dev", *constraints)
    except Trouble as trouble:
        give_up(trouble)


def lock(name: str, *sources: str) -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    environment.do([uv, "pip", "compile", "--quiet", *OPTIONS, *sys.argv[1:], *sources, "-o", name])
    say(f"{PROJECT / name} written")


if __name__ == "__main__":
    main()
