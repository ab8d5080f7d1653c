"""The refusals of tickets and causes, each with its own name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.errors import BadInput, NotAllowed, Problem, Refused

if TYPE_CHECKING:
    from tickets.policies import ContractRow

__all__ = [
    "BadInput",
    "ContractUnmet",
    "LevelDoesNotApply",
    "NotAllowed",
    "Problem",
    "Refused",
    "WrongState",
]


class WrongState(Refused):
    """The status (or the cause's state) does not allow the verb."""

    code = "wrong_state"


class ContractUnmet(Refused):
    """Rows of the hand-over contract are missing; each is one problem, named by its key."""

    code = "contract_unmet"
    title = _("The hand-over contract is not complete.")

    def __init__(self, rows: Iterable[ContractRow]) -> None:
        super().__init__(
            *(
                Problem(field=row.key, message=row.missing, remedy=row.remedy, value=row.value)
                for row in rows
            )
        )


class LevelDoesNotApply(Refused):
    """This level has no work for a ticket of this type."""

    code = "level_does_not_apply"
