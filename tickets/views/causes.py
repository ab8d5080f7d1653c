"""The page of a cause, and what staff and its owner do with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from core.errors import NotAllowed, Problem, Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.models import Notice
from core.toasts import add_toast
from tickets import actions
from tickets.access import get_cause_for_view
from tickets.actions.pushing import manager_names
from tickets.choices import CauseState, SameHereState
from tickets.forms import causes as forms
from tickets.models import Cause, SameHere, Ticket
from tickets.rendering.conversation import cause_history
from tickets.views.answers import next_address, shown_in_dialog, stale_answer, with_next
from tickets.views.requests import SignedInRequest

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

TICKETS_SHOWN = 100
STAFF = "staff"
OWNER = "owner"
MANAGER = "manager"
TOLD_SHOWN = 100
VOICES_SHOWN = 50


@dataclass(frozen=True)
class CauseVerb:
    """A verb of a cause: who uses it, in which states, and what it does."""

    who: str
    states: frozenset[str]
    title: StrPromise
    run: Callable[[Cause, Mapping[str, Any], dict[str, Any]], object]
    done: StrPromise
    form: type[forms.CauseVerbForm] = forms.CauseVerbForm
    lead: StrPromise | None = None
    kind: str = "primary"


_WAITING = frozenset({CauseState.PUSHED, CauseState.ACCEPTED})
_ANY = frozenset(CauseState.values)

CAUSE_VERBS: dict[str, CauseVerb] = {
    "accept": CauseVerb(
        OWNER, frozenset({CauseState.PUSHED}), _("Accept with a date"),
        lambda cause, d, said: actions.accept_cause(cause, d["promised_on"], **said),
        _("Accepted; the requesters are told the date"), forms.DateForm,
    ),
    "date": CauseVerb(
        OWNER, frozenset({CauseState.ACCEPTED}), _("Change the date"),
        lambda cause, d, said: actions.change_promised_date(cause, d["promised_on"], **said),
        _("The date is changed; the requesters are told"), forms.DateForm,
        _("A later date is a slip and is counted."),
    ),
    "decline": CauseVerb(
        OWNER, _WAITING, _("Decline"),
        lambda cause, d, said: actions.decline_cause(cause, d["reason"], d["note"], **said),
        _("Declined; the tickets are back with product operations"), forms.DeclineForm,
        _("Product operations reads the reason and tries again, or names another owner."),
        "danger",
    ),
    "deliver": CauseVerb(
        OWNER, frozenset({CauseState.ACCEPTED}), _("Delivered"),
        lambda cause, d, said: actions.deliver_cause(
            cause, d["text"], category=d["category"], module=d["module"], **said
        ),
        _("Delivered; product operations checks it and tells the requesters"), forms.DeliverForm,
    ),
    "push": CauseVerb(
        STAFF, _ANY, _("Push to an owner"),
        lambda cause, d, said: actions.push_cause(cause, d["owner"], **said),
        _("Pushed to the owner"), forms.CausePushForm,
    ),
    "name_owner": CauseVerb(
        MANAGER, _ANY, _("Name the owner"),
        lambda cause, d, said: actions.name_owner(cause, d["owner"], **said),
        _("Named; it is pushed to them"), forms.CausePushForm,
        _("It bounced three times. Whoever you name gets it now; if they decline, you are asked "
          "again."),
    ),
    "describe": CauseVerb(
        STAFF, _ANY, _("Describe the cause"),
        lambda cause, d, said: actions.describe_cause(
            cause, {name: d[name] for name in ("title", "module", "category", "evidence")}, **said
        ),
        _("Saved; its tickets take these rows from here"), forms.DescribeForm,
        _("Module, category and evidence count for every ticket of the cause that has none of "
          "its own."),
    ),
    "chase": CauseVerb(
        STAFF, _WAITING, _("Chase"),
        lambda cause, d, said: actions.chase_cause(cause, **said),
        _("Counted. The owner gets one message about this cause a day; it says so."),
    ),
    "known_issue": CauseVerb(
        STAFF, _ANY, _("Known issue"),
        lambda cause, d, said: actions.declare_known_issue(
            cause, d["workaround"], is_known_issue=d["is_known_issue"], **said
        ),
        _("Saved"), forms.KnownIssueForm,
        _("Everybody sees it on the help home and while they describe a trouble."),
    ),
}  # fmt: skip


def verbs_for(cause: Cause, user: User) -> list[str]:
    """The verbs this person may use on this cause now."""
    held = set()
    if cause.owner_id == user.pk:
        held.add(OWNER)
    rights = rights_of(user)
    if any(
        rights.covers(role, cause.product_id)
        for role in (PermissionRole.AGENT, PermissionRole.MANAGER)
    ):
        held.add(STAFF)
    if rights.covers(PermissionRole.MANAGER, cause.product_id):
        held.add(MANAGER)
    stopped = {"push"} if cause.needs_naming else {"name_owner"}
    return [
        name
        for name, verb in CAUSE_VERBS.items()
        if verb.who in held and cause.state in verb.states and name not in stopped
    ]


@login_required
@require_GET
def cause(request: SignedInRequest, pk: int) -> HttpResponse:
    """A cause with its evidence, its tickets, its dates and what happened."""
    shown = get_cause_for_view(request.user, pk)
    tickets = (
        Ticket.objects.visible_to(request.user)
        .filter(cause=shown)
        .select_related("requester", "department", "product", "module")
        .order_by("-id")
    )
    counted = Ticket.objects.filter(cause=shown).aggregate(
        tickets=Count("pk"), people=Count("requester", distinct=True)
    )
    context = {
        "now": timezone.now(),
        "cause": shown,
        "tickets": tickets[:TICKETS_SHOWN],
        "counted": counted,
        "verbs": verbs_for(shown, request.user),
        "history": cause_history(shown),
        "on_desk": rights_of(request.user).is_staff,
        "is_late": is_late(shown, timezone.localdate()),
        "declines": shown.declines.select_related("owner").order_by("-id"),
        "managers": manager_names(shown) if shown.needs_naming else "",
        "told": told_of(shown),
        "voices": voices_of(shown),
        "push_messages": shown.push_messages.select_related("owner").order_by("-id")[:5],
    }
    return render(request, "tickets/cause.html", context)


def told_of(shown: Cause) -> list[Notice]:
    """Who was told the workaround, newest first: in-app, which is where everybody is told."""
    notices = Notice.objects.filter(
        subject=Cause.SUBJECT, subject_id=shown.pk, kind="cause.known_issue"
    )
    return list(notices.select_related("recipient__department").order_by("-id")[:TOLD_SHOWN])


def voices_of(shown: Cause) -> list[SameHere]:
    """Who said "same here" and did not take it back, newest first."""
    rows = shown.same_heres.exclude(state=SameHereState.TAKEN_BACK)
    return list(rows.select_related("person", "department").order_by("-id")[:VOICES_SHOWN])


def is_late(shown: Cause, today: dt.date) -> bool:
    """The owner's date is over and nothing was delivered."""
    return (
        shown.state == CauseState.ACCEPTED
        and shown.promised_on is not None
        and shown.promised_on < today
    )


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def cause_verb(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """A verb of a cause: its form, or its act."""
    shown = get_cause_for_view(request.user, pk)
    entry = CAUSE_VERBS[verb]
    action = with_next(request, reverse(f"cause_{verb}", args=[pk]))
    back = next_address(request, reverse("cause", args=[pk]))
    if request.method != "POST":
        _require_offered(shown, verb, request.user)
        return _form_page(request, shown, entry, entry.form(cause=shown), action, back, 200)
    form = entry.form(request.POST, cause=shown)
    if form.is_valid():
        said = {
            "acting_user": request.user, "now": timezone.now(),
            "seen_version": form.cleaned_data["version"],
        }  # fmt: skip
        try:
            entry.run(shown, form.cleaned_data, said)
        except StaleWrite as stale:
            return stale_answer(request, shown, form, stale, action=action, back=back)
        except Refused as refusal:
            # Who may not do this at all gets 403; a form to correct would mislead.
            if isinstance(refusal, NotAllowed) or not form.visible_fields():
                raise
            add_refusal(form, refusal)
        else:
            add_toast(request, str(entry.done))
            return redirect(back)
    return _form_page(request, shown, entry, form, action, back, 422)


def _require_offered(shown: Cause, verb: str, user: User) -> None:
    if verb not in verbs_for(shown, user):
        raise NotAllowed(
            Problem(
                "state", _("This cannot be done with the cause now."),
                _("Reload its page to see what can be done."),
                str(CauseState(shown.state).label),
            )
        )  # fmt: skip


def _form_page(
    request: SignedInRequest,
    shown: Cause,
    verb: CauseVerb,
    form: Any,
    action: str,
    back: str,
    status: int,
) -> HttpResponse:
    context = {
        "verb": verb, "form": form, "action": action, "crumb": shown.ref, "ticket": shown,
        "back": back,
    }  # fmt: skip
    response = render(request, "tickets/verb.html", context, status=status)
    return shown_in_dialog(response) if status != 200 else response
