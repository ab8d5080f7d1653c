"""What may be done to a ticket: one entry per verb, one view that parses, asks the door, acts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from core.errors import NotAllowed, Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from tickets import actions
from tickets.access import get_ticket_as_requester, get_ticket_for_staff
from tickets.choices import CommentKind
from tickets.errors import NotOnTicket, UnseenReply
from tickets.forms import relating
from tickets.forms import verbs as forms
from tickets.forms.rating import RateForm
from tickets.models import Cause, Ticket
from tickets.policies import require_verb
from tickets.views.answers import (
    kept_query,
    next_address,
    shown_in_dialog,
    stale_answer,
    undo_url,
    with_next,
)
from tickets.views.onward import Onward
from tickets.views.requests import SignedInRequest

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Act:
    """One sent form: what a runner needs to call its action."""

    ticket: Ticket
    form: Any
    user: User
    now: dt.datetime

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.form.cleaned_data
        return found

    def said(self) -> dict[str, Any]:
        """Keyword arguments of an action that changes a ticket."""
        return {**self.by(), "seen_version": self.data.get("version")}

    def by(self) -> dict[str, Any]:
        """Keyword arguments of an action that adds to a ticket."""
        return {"acting_user": self.user, "now": self.now}


@dataclass(frozen=True)
class Verb:
    """A verb's page and what it does. `rule` is its name in `policies.VERBS`."""

    rule: str
    title: StrPromise
    run: Callable[[Act], object]
    done: StrPromise
    form: type[forms.VerbForm] = forms.VerbForm
    button: StrPromise | None = None
    lead: StrPromise | None = None
    kind: str = "primary"


def _reply(act: Act) -> None:
    note = act.data.get("note")
    actions.add_comment(
        act.ticket, act.data["body"], kind=CommentKind.NOTE if note else CommentKind.PUBLIC,
        files=act.data["files"], seen_comment=act.data["seen_comment"],
        invited=act.data["invited"], from_draft=True, **act.by(),
    )  # fmt: skip


def _watch(act: Act) -> None:
    actions.add_watcher(act.ticket, act.data["user_name"], **act.by())


def _resolve(act: Act) -> None:
    """An answer typed with the resolution is a public reply first; both or neither."""
    said = act.said()
    with transaction.atomic():
        if reply := act.data["reply"].strip():
            actions.add_comment(act.ticket, reply, **act.by())
            # Our own reply is no change by somebody else.
            version = Ticket.objects.values_list("version", flat=True).get(pk=act.ticket.pk)
            if said["seen_version"] == version - 1:
                said["seen_version"] = version
        actions.resolve_ticket(act.ticket, act.data["resolution"], **said)


def _cause(act: Act) -> Cause:
    """The chosen cause, or a new one."""
    chosen = act.form.chosen()
    if chosen is not None:
        return chosen  # type: ignore[no-any-return]
    return actions.open_cause(
        title=act.data["title"], product=act.ticket.product, module=act.data["module"],
        category=act.data["category"], text="", **act.by(),
    )  # fmt: skip


def _link_cause(act: Act) -> None:
    with transaction.atomic():
        actions.link_cause(act.ticket, _cause(act), **act.said())


def _push(act: Act) -> None:
    """Cause, its owner, and the ticket with it: all three or none."""
    with transaction.atomic():
        cause = _cause(act)
        if cause.owner_id != act.data["owner"].pk or cause.state not in ("pushed", "accepted"):
            cause = actions.push_cause(cause, act.data["owner"], **act.by())
        actions.push_ticket(act.ticket, cause, **act.said())


VERBS: dict[str, Verb] = {
    "reply": Verb(
        "comment", _("Reply"), _reply, _("Sent"), forms.ReplyForm, _("Send")
    ),
    "ask": Verb(
        "ask", _("Ask the requester"),
        lambda a: actions.ask_requester(a.ticket, a.data["question"], **a.said()),
        _("Asked; the clock pauses until they answer"), forms.AskForm, _("Ask"),
        _("The requester is told, and the ticket waits for them."),
    ),
    "claim": Verb(
        "claim", _("Claim"), lambda a: actions.claim_ticket(a.ticket, **a.said()),
        _("You hold it now"),
    ),
    "release": Verb(
        "assign", _("Give back"), lambda a: actions.assign_ticket(a.ticket, None, **a.said()),
        _("Nobody holds it now"),
    ),
    "assign": Verb(
        "assign", _("Assign"),
        lambda a: actions.assign_ticket(a.ticket, a.data["assignee"], **a.said()),
        _("Assigned"), forms.AssignForm,
    ),
    "transfer": Verb(
        "transfer", _("Transfer"),
        lambda a: actions.transfer_ticket(
            a.ticket, a.data["team"], a.data["assignee"], **a.said()
        ),
        _("Transferred"), forms.TransferForm, None,
        _("To another team of product operations. The status stays."),
    ),
    "relay": Verb(
        "relay", _("Relay to another team"),
        lambda a: actions.relay_ticket(a.ticket, a.data["team"], a.data["note"], **a.said()),
        _("Relayed"), forms.RelayForm, pgettext_lazy("verb", "Relay"),
        _("To a team outside product operations; it is on hold there until they answer."),
    ),
    "return_relay": Verb(
        "return_relay", _("Return to product operations"),
        lambda a: actions.return_relay(a.ticket, a.data["reason"], a.data["note"], **a.said()),
        _("Returned"), forms.ReasonForm, _("Return"),
    ),
    "deliver_relay": Verb(
        "deliver_relay", _("It is solved"),
        lambda a: actions.deliver_relay(a.ticket, **a.said()),
        _("Resolved; the requester is asked whether it works"), button=_("Solved"),
        lead=_("The requester is asked whether it works."),
    ),
    "move_up": Verb(
        "move_up", _("Move up"),
        lambda a: actions.move_up(a.ticket, a.data["level"], **a.said()),
        _("Moved up"), forms.LevelForm,
    ),
    "return": Verb(
        "return", _("Return to a lower level"),
        lambda a: actions.return_ticket(
            a.ticket, a.data["level"], a.data["reason"], a.data["note"], **a.said()
        ),
        _("Returned"), forms.ReturnForm, _("Return"),
        _("It counts as a return, charged to who handed it up."),
    ),
    "link_cause": Verb(
        "link_cause", _("Link a cause"), _link_cause, _("Linked"), forms.CauseForm, _("Link"),
    ),
    "push": Verb(
        "push", _("Move up: L3 Push"), _push, _("Pushed to the owner"), forms.PushForm,
        pgettext_lazy("verb", "Push"),
        _("The owner sees the evidence and answers with a date, or declines with a reason."),
    ),
    "resolve": Verb(
        "resolve", pgettext_lazy("verb", "Resolve"), _resolve,
        _("Resolved; the requester is asked whether it works"), forms.ResolveForm,
    ),
    "reject": Verb(
        "reject", _("Reject"),
        lambda a: actions.reject_ticket(a.ticket, a.data["reason"], **a.said()),
        _("Rejected"), forms.WhyForm, None, _("The requester reads why."), "danger",
    ),
    "merge": Verb(
        "merge", _("Merge"), lambda a: actions.merge_ticket(a.ticket, a.data["into"], **a.said()),
        _("Merged"), forms.MergeForm, None,
        _("This ticket ends and points at the other. Only tickets of one requester are merged."),
    ),
    "restore": Verb(
        "restore", _("Restore"), lambda a: actions.restore_ticket(a.ticket, **a.said()),
        _("Restored to the status before"),
    ),
    "reopen": Verb(
        "reopen", _("Reopen"),
        lambda a: actions.reopen_ticket(a.ticket, a.data["reason"], **a.said()),
        _("Reopened"), forms.WhyForm,
    ),
    "link": Verb(
        "link", _("Link to another ticket"),
        lambda a: actions.link_tickets(a.ticket, a.data["other"], a.data["kind"], **a.by()),
        _("Linked"), relating.LinkForm, _("Link"),
    ),
    "unlink": Verb(
        "link", _("Take the link off"),
        lambda a: actions.unlink_tickets(a.ticket, a.data["link"], **a.by()),
        _("The link is off"), relating.UnlinkForm,
    ),
    "split": Verb(
        "split", _("Split off a part"),
        lambda a: actions.split_ticket(a.ticket, a.data["words"], a.data["title"], **a.by()),
        _("Split; the requester is told of the new ticket"), relating.SplitForm, _("Split"),
        _("The words become a ticket of the same requester, linked to this one."),
    ),
    "follow": Verb(
        "watch", _("Watch"),
        lambda a: actions.add_watcher(a.ticket, a.user, **a.by()), _("You watch it now"),
    ),
    "watch": Verb("watch", _("Add a watcher"), _watch, _("Added"), forms.WatchForm, _("Add")),
    "tag": Verb(
        "edit", _("Tags"),
        lambda a: actions.tag_ticket(a.ticket, **a.form.changes(), **a.by()),
        _("Saved"), forms.TagsForm, _("Save"),
    ),
    "unwatch": Verb(
        "comment", _("Stop watching"),
        lambda a: actions.remove_watcher(a.ticket, a.data["user_id"] or a.user, **a.by()),
        _("No longer watched"), relating.UnwatchForm,
    ),
}  # fmt: skip

#: Verbs that end one's turn: after them a person stays, goes on or goes back, as they chose.
ENDS_TURN = frozenset(
    {
        "reply", "ask", "release", "assign", "transfer", "relay", "return_relay", "deliver_relay",
        "move_up", "return", "push", "resolve", "reject", "merge",
    }
)  # fmt: skip

#: What a requester may do on the page of their own ticket.
OWN_VERBS: dict[str, Verb] = {
    "reply": Verb(
        "comment", _("Add information"), _reply, _("Sent"), forms.ReplyForm, _("Send")
    ),
    "confirm": Verb(
        "confirm", _("It works"), lambda a: actions.confirm_ticket(a.ticket, **a.said()),
        _("Thank you. The ticket is closed"),
    ),
    "reopen": Verb(
        "reopen", _("It does not work"),
        lambda a: actions.reopen_ticket(a.ticket, a.data["reason"], **a.said()),
        _("It goes on; product operations reads what you wrote"), forms.WhyForm, _("Send"),
        _("Say what happens now; whoever has the ticket reads it."),
    ),
    "withdraw": Verb(
        "withdraw", _("Withdraw"),
        lambda a: actions.withdraw_ticket(a.ticket, a.data["reason"], **a.said()),
        _("Withdrawn"), forms.WithdrawForm, None,
        _("You no longer need help with this. It can be restored."), "danger",
    ),
    "restore": Verb(
        "restore", _("Restore"), lambda a: actions.restore_ticket(a.ticket, **a.said()),
        _("Restored to the status before"),
    ),
    "rate": Verb(
        "rate", _("Rate it"),
        lambda a: actions.rate_ticket(
            a.ticket, a.data["score"], a.data["reasons"], a.data["words"], **a.by()
        ),
        _("Thank you for the word"), RateForm, _("Send"),
    ),
    "watch": Verb(
        "watch", _("Add an observer"), _watch, _("Added; they read along"), forms.WatchForm,
        _("Add"), _("A colleague who reads along and may write here."),
    ),
    "unwatch": Verb(
        "comment", _("Take off an observer"),
        lambda a: actions.remove_watcher(a.ticket, a.data["user_id"] or a.user, **a.by()),
        _("They no longer read along"), relating.UnwatchForm,
    ),
}  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def ticket_verb(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """A verb of the desk: its form, or its act."""
    ticket = get_ticket_for_staff(request.user, pk)
    back = reverse("ticket", args=[pk]) + kept_query(request)
    return _answer(request, ticket, VERBS[verb], back, f"ticket_{verb}", "ticket_")


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def my_ticket_verb(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """A verb of a requester on their own ticket: its form, or its act."""
    ticket = get_ticket_as_requester(request.user, pk)
    back = reverse("my_ticket", args=[pk])
    return _answer(request, ticket, OWN_VERBS[verb], back, f"my_ticket_{verb}", "my_ticket_")


def _answer(
    request: SignedInRequest, ticket: Ticket, verb: Verb, back: str, name: str, family: str
) -> HttpResponse:
    """The form of a verb; sent, its action and the way back, or why not."""
    action = with_next(request, reverse(name, args=[ticket.pk]) + kept_query(request))
    back = next_address(request, back)
    if request.method != "POST":
        require_verb(ticket, verb.rule, request.user)
        form = verb.form(ticket=ticket, user=request.user, initial=_given(request, verb.form))
        return _form_page(request, ticket, verb, form, action, back, 200)
    form = verb.form(request.POST, request.FILES, ticket=ticket, user=request.user)
    if form.is_valid():
        now = timezone.now()
        onward = None
        if family == "ticket_" and name.removeprefix(family) in ENDS_TURN:
            onward = Onward.of(request, ticket, back, now)
        try:
            verb.run(Act(ticket, form, request.user, now))
        except StaleWrite as stale:
            return stale_answer(request, ticket, form, stale, action=action, back=back)
        except Refused as refusal:
            # Who may not do this at all gets 403; a form to correct would mislead.
            if isinstance(refusal, NotAllowed) or not form.visible_fields():
                raise
            show_refusal(form, refusal)
        else:
            undo = undo_url(ticket, request.user, now, f"{family}undo")
            add_toast(request, str(verb.done), undo_url=undo)
            # Whoever takes a ticket means to work on it.
            if onward is not None and form.cleaned_data.get("assignee") != request.user:
                back = onward.after(now)
            return redirect(back)
    return _form_page(request, ticket, verb, form, action, back, 422)


def _given(request: SignedInRequest, form: type[forms.VerbForm]) -> dict[str, str]:
    """What the address fills in already: `…/return/?level=1`."""
    return {name: request.GET[name] for name in request.GET if name in form.base_fields}


def show_refusal(form: forms.VerbForm, refusal: Refused) -> None:
    """Beside the field it names; what a reply can do about it is offered with it."""
    if isinstance(form, forms.ReplyForm) and isinstance(refusal, UnseenReply):
        form.show_unseen(refusal)
    elif isinstance(form, forms.ReplyForm) and isinstance(refusal, NotOnTicket):
        form.show_outsiders(refusal)
    else:
        add_refusal(form, refusal)


def _form_page(
    request: SignedInRequest,
    ticket: Ticket,
    verb: Verb,
    form: forms.VerbForm,
    action: str,
    back: str,
    status: int,
) -> HttpResponse:
    context = {
        "ticket": ticket, "verb": verb, "form": form, "action": action, "back": back,
        "crumb": ticket.ref,
    }  # fmt: skip
    response = render(request, "tickets/verb.html", context, status=status)
    return shown_in_dialog(response) if status != 200 else response
