"""What is offered while somebody describes a trouble: known issues with their workaround."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.registry import Suggestion
from core.searchkey import normalised
from core.text import excerpt
from tickets.models import Cause, Ticket

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

#: Pairs of characters that a known issue must share with the words typed.
SHARED_PAIRS = 2
#: Known issues that are compared; a company has dozens, never thousands.
COMPARED = 300
#: Titles of their tickets that are read; they are compared, never shown.
TITLES_READ = 2000


def _pairs(text: str) -> set[str]:
    line = normalised(text)
    return {line[i : i + 2] for i in range(len(line) - 1) if " " not in line[i : i + 2]}


class KnownIssueSuggestions:
    """Known issues (已知问题) nearest to the words typed; everybody may read them."""

    name = "known_issues"

    def label(self) -> str:
        return _("Known issues")

    def search(self, user: AbstractBaseUser, query: str, limit: int) -> list[Suggestion]:
        return [_suggestion(cause) for cause in self.causes(query, limit)]

    def causes(self, query: str, limit: int) -> list[Cause]:
        """The known issues themselves, nearest first."""
        wanted = _pairs(query)
        if len(wanted) < SHARED_PAIRS:
            return []
        causes = (Cause.objects.known_issues().select_related("product", "module").order_by("-id"))[
            :COMPARED
        ]
        words = _words(list(causes))
        ranked = sorted(
            ((len(wanted & _pairs(words[cause.pk])), cause) for cause in causes),
            key=lambda pair: -pair[0],
        )
        return [cause for shared, cause in ranked[:limit] if shared >= SHARED_PAIRS]


def _words(causes: list[Cause]) -> dict[int, str]:
    """What a cause is recognised by: its own words, and how its tickets were called."""
    words = {cause.pk: f"{cause.title} {cause.product} {cause.workaround}" for cause in causes}
    titles = Ticket.objects.filter(cause__in=causes, confidential=False).order_by("-id")
    for cause_id, title in titles.values_list("cause_id", "title")[:TITLES_READ]:
        words[cause_id or 0] += f" {title}"
    return words


def _suggestion(cause: Cause) -> Suggestion:
    if cause.promised_on is not None:
        day = date_format(cause.promised_on, "SHORT_DATE_FORMAT")
        detail = _("Expected to be fixed on %(day)s.") % {"day": day}
    else:
        detail = _("The cause is being looked for.")
    if cause.workaround:
        detail = _("%(state)s Until then: %(workaround)s") % {
            "state": detail, "workaround": excerpt(cause.workaround),
        }  # fmt: skip
    return Suggestion(
        kind="known_issue", title=cause.title, url=f"{reverse('help_home')}#known-{cause.pk}",
        detail=detail, ref=cause.ref,
    )  # fmt: skip
