"""What an import could not do, for the person who runs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.errors import Problem


class FolderProblem(Exception):
    """Nothing can be imported: the message says which value is wrong and what would do."""


@dataclass(frozen=True)
class Trouble:
    """One thing that could not be done. `kind` groups them; `refuses`: the file was left out."""

    path: str
    line: int
    kind: str
    value: str
    remedy: str
    refuses: bool = False

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass
class Troubles:
    """Everything an import could not do, in the order it was met."""

    found: list[Trouble] = field(default_factory=list)

    def add(
        self, path: str, kind: str, value: str, remedy: str, *, line: int = 0, refuses: bool = False
    ) -> None:
        self.found.append(Trouble(path, line, kind, value, remedy, refuses))

    def add_refusal(self, path: str, problems: Iterable[Problem]) -> None:
        for problem in problems:
            message, remedy = str(problem.message), str(problem.remedy)
            self.add(path, message, str(problem.value), remedy, refuses=True)

    def by_kind(self) -> list[tuple[str, int]]:
        """How many there are of each kind, refusals first, then the most frequent."""
        refusing = {one.kind for one in self.found if one.refuses}
        counts = Counter(one.kind for one in self.found)
        return sorted(counts.items(), key=lambda pair: (pair[0] not in refusing, -pair[1], pair[0]))
