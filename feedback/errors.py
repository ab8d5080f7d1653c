"""The refusals of demands, rounds and releases, each with its own name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.errors import BadInput, NotAllowed, Problem, Refused

if TYPE_CHECKING:
    from feedback.policies import GateRow

__all__ = ["BadInput", "GateUnmet", "NotAllowed", "Problem", "Refused", "WrongState"]


class WrongState(Refused):
    """The status of the demand, round or release does not allow this."""

    code = "wrong_state"


class GateUnmet(Refused):
    """Rows of the release gate are open; each is one problem, named by its field."""

    code = "gate_unmet"
    title = _("The release gate is not complete.")

    def __init__(self, rows: Iterable[GateRow]) -> None:
        super().__init__(
            *(Problem(field=row.key, message=row.missing, remedy=row.remedy) for row in rows)
        )
