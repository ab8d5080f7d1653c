"""The refusals of manuals, each with its own name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.errors import Problem, Refused

if TYPE_CHECKING:
    from docs_portal.models import WritingDraft


class AddressTaken(Refused):
    """Another published page answers this address for one of the same roles."""

    code = "address_taken"


class NothingToPublish(Refused):
    """The newest revision is published already, or there is no text."""

    code = "nothing_to_publish"


class NotPublished(Refused):
    """Only a published page can be retired."""

    code = "not_published"


class WrongStatus(Refused):
    """The announcement's present status does not allow this."""

    code = "wrong_status"


class RemindedToday(Refused):
    """One reminder a day is enough."""

    code = "reminded_today"


class NotAsked(Refused):
    """Nobody asks this person, or anybody, to acknowledge the page."""

    code = "not_asked"


class PageChanged(Refused):
    """The text the person has before them is older than the version they are asked to read."""

    code = "page_changed"


class ReviewMissing(Refused):
    """The manual's rules ask for somebody else's approval of this text."""

    code = "review_missing"


class ReviewOver(Refused):
    """The review was answered or taken back already."""

    code = "review_over"


class ReviewMoved(Refused):
    """The text changed after the reviewer opened it."""

    code = "review_moved"


class StaleWritingDraft(Refused):
    """Another window of the same person saved, sent or discarded this draft since."""

    code = "stale_draft"
    title = _("This draft was changed in another window.")

    def __init__(self, draft: WritingDraft | None) -> None:
        self.draft = draft
        message = (
            _("You went on writing this in another window.")
            if draft is not None
            else _("You saved or discarded this in another window.")
        )
        super().__init__(Problem("body", message, _("Take the newer text, or keep this one.")))


class NothingToLearn(Refused):
    """The course has no page or no video."""

    code = "nothing_to_learn"


class SessionOver(Refused):
    """The session is over, cancelled, or has begun."""

    code = "session_over"


class WrongCode(Refused):
    """No session that is open for checking in shows this code."""

    code = "wrong_code"


class DebtTaken(Refused):
    """Another writer has taken this item of manual debt."""

    code = "debt_taken"
