"""The refusals of tickets and causes, each with its own name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.errors import BadInput, NotAllowed, Problem, Refused
from core.text import excerpt

if TYPE_CHECKING:
    from accounts.models import User
    from tickets.models import Comment, Draft, SubmitDraft
    from tickets.policies import ContractRow

__all__ = [
    "BadInput",
    "ChangedSince",
    "ContractUnmet",
    "LevelDoesNotApply",
    "LinkOver",
    "LinkUsed",
    "NotAllowed",
    "NotOnTicket",
    "NotUndoable",
    "Problem",
    "Refused",
    "StaleDraft",
    "StaleSubmitDraft",
    "UnseenReply",
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


class ChangedSince(Refused):
    """What an undo would reverse was changed again by a later act."""

    code = "changed_since"
    title = _("This cannot be undone any more.")


class NotUndoable(Refused):
    """This kind of act is not undone, or not any longer, or not by this person."""

    code = "not_undoable"
    title = _("This cannot be undone.")


class LevelDoesNotApply(Refused):
    """This level has no work for a ticket of this type."""

    code = "level_does_not_apply"


class NotOnTicket(Refused):
    """People are named in a text who may not read it; `asked` may be added as watchers."""

    code = "not_on_ticket"
    title = _("Somebody you name may not read this.")

    def __init__(self, *, never: Sequence[User], asked: Sequence[User]) -> None:
        self.never, self.asked = never, asked
        super().__init__(
            *(
                Problem(
                    "body", _("%(name)s may not read this.") % {"name": user.name},
                    _("Take the name out, or write to them in another way."), user.username,
                )
                for user in never
            ),
            *(
                Problem(
                    "body", _("%(name)s may not see this ticket.") % {"name": user.name},
                    _("Add them as a watcher with it, or take the name out."), user.username,
                )
                for user in asked
            ),
        )  # fmt: skip


class UnseenReply(Refused):
    """A public reply came in that the writer has not seen; theirs is held once (invariant 2)."""

    code = "unseen_reply"
    title = _("Somebody wrote while you did.")

    def __init__(self, comment: Comment) -> None:
        self.comment = comment
        self.more = {
            "unseen": {
                "id": comment.pk,
                "author": comment.author_id,
                "body": comment.body,
                "created_at": comment.created_at.isoformat(),
            }
        }
        super().__init__(
            Problem(
                "body",
                _("%(who)s wrote while you did: “%(words)s”.")
                % {"who": comment.author or _("The system"), "words": excerpt(comment.body)},
                _("Send again if yours still fits."),
                str(comment.pk),
            )
        )


class StaleDraft(Refused):
    """Another window of the same person saved, sent or discarded this draft since."""

    code = "stale_draft"
    title = _("This draft was changed in another window.")

    def __init__(self, draft: Draft | None) -> None:
        self.draft = draft
        message = (
            _("You went on writing this in another window.")
            if draft is not None
            else _("You sent or discarded this in another window.")
        )
        super().__init__(Problem("body", message, _("Take the newer text, or keep this one.")))


class StaleSubmitDraft(Refused):
    """Another window of the same person went on writing this ticket since."""

    code = "stale_draft"
    title = _("This draft was changed in another window.")

    def __init__(self, draft: SubmitDraft) -> None:
        self.draft = draft
        super().__init__(
            Problem(
                "description", _("You went on writing this in another window."),
                _("Take the newer text, or keep this one."),
            )
        )  # fmt: skip


class LinkUsed(Refused):
    """A signed link did this act before; each act once."""

    code = "link_used"


class LinkOver(Refused):
    """A signed link opens nothing any more; `standing` says why."""

    code = "link_over"
    status = 410

    def __init__(self, standing: str) -> None:
        self.standing = standing
        super().__init__(Problem("", _("This link is no longer valid."), value=standing))


class WidgetRefused(Refused):
    """A token or a session of the widget opens nothing; `code` says why."""

    code = "bad_token"
    status = 401
    title = _("The page could not say who you are.")
