"""The gates of `make test`, in order: the quick ones first, each with its time."""

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stack.console import say
from stack.places import PROJECT


@dataclass(frozen=True)
class Gate:
    name: str
    words: Sequence[str]

    def run(self, environment: Mapping[str, str]) -> bool:
        say(f"\n── {self.name} " + "─" * max(3, 76 - len(self.name)))
        begun = time.monotonic()
        answer = subprocess.run(
            [sys.executable, *self.words], cwd=PROJECT, env=dict(environment), check=False
        )
        passed = answer.returncode == 0
        say(f"{'passed' if passed else 'FAILED'}: {self.name}  ({time.monotonic() - begun:.1f} s)")
        return passed


GATES = (
    Gate("format", ["-m", "ruff", "format", "--check", "."]),
    Gate("lint", ["-m", "ruff", "check", "."]),
    Gate(
        "import contracts",
        ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
    ),
    Gate("types", ["-m", "mypy", "."]),
    Gate("migrations", ["manage.py", "makemigrations", "--check", "--dry-run"]),
    Gate("translations", ["manage.py", "check_catalogues"]),
)


def run_gates(environment: Mapping[str, str], tests: Sequence[Gate]) -> int:
    """Run every gate, also after a failure; the exit status for the whole."""
    begun = time.monotonic()
    failed = [gate.name for gate in (*GATES, *tests) if not gate.run(environment)]
    say(f"\n{'═' * 80}\nAll told: {time.monotonic() - begun:.0f} s")
    if failed:
        say(f"FAILED: {', '.join(failed)}")
        return 1
    say("Every gate passed.")
    return 0
