"""What may be done to a demand: one entry per verb, one view that parses, asks the door, acts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import User
from core.errors import NotAllowed, Problem, Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from feedback import access, actions
from feedback.choices import DemandStatus, RoundState
from feedback.errors import WrongState
from feedback.forms import demands as forms
from feedback.models import Demand
from feedback.policies import may, require_staff
from feedback.views.answers import FormText, form_page, local_now, reader_of, stale_page

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

S = DemandStatus


@dataclass(frozen=True)
class Act:
    """One sent form: what a runner needs to call its action."""

    demand: Demand
    form: Any
    user: User
    now: dt.datetime

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.form.cleaned_data
        return found

    def by(self) -> dict[str, Any]:
        return {"acting_user": self.user, "now": self.now}

    def said(self) -> dict[str, Any]:
        """Keyword arguments of an action that compares with the version the page showed."""
        return {**self.by(), "seen_version": self.data.get("version")}


@dataclass(frozen=True)
class Verb:
    """How a verb of the table of moves (`feedback.policies.MOVES`) is offered and carried out."""

    title: StrPromise
    run: Callable[[Act], object]
    done: StrPromise
    icon: str
    form: type[forms.DemandVerbForm] = forms.DemandVerbForm
    button: StrPromise | None = None
    lead: StrPromise | None = None
    kind: str = "primary"

    @property
    def asks(self) -> bool:
        """Whether a form has to be filled in, or one click does it."""
        return self.form is not forms.DemandVerbForm or self.lead is not None


def _quote(act: Act) -> None:
    # One's own words are added on one's own pages; this form is for what others said.
    require_staff(act.demand.product_id, act.user)
    actions.add_feedback(
        product=act.demand.product, module=act.demand.module, person=act.data["person"],
        words=act.data["words"], source=act.data["source"], importance=act.data["importance"],
        hours_per_week=act.data["hours_per_week"],
        demand=act.demand, **act.by(),
    )  # fmt: skip


VERBS: dict[str, Verb] = {
    "evaluate": Verb(
        _("Evaluate"),
        lambda a: actions.evaluate_demand(a.demand, **a.said()), _("In evaluation"), "st-open",
    ),
    "accept": Verb(
        pgettext_lazy("demand", "Accept"),
        lambda a: actions.accept_demand(a.demand, a.data["reason"], **a.said()),
        _("Accepted; everybody owed is told"), "check", forms.AcceptForm,
    ),
    "decline": Verb(
        pgettext_lazy("demand", "Decline"),
        lambda a: actions.decline_demand(a.demand, a.data["reason"], **a.said()),
        _("Declined; everybody owed is told why"), "st-cancelled", forms.DeclineForm, None,
        _("Its tickets come back to their holders."), "danger",
    ),
    "defer": Verb(
        _("Defer"),
        lambda a: actions.defer_demand(a.demand, a.data["until"], a.data["reason"], **a.said()),
        _("Deferred; everybody owed is told until when"), "pause", forms.DeferForm,
    ),
    "schedule": Verb(
        _("Schedule"),
        lambda a: actions.schedule_demand(a.demand, a.data["planned_on"], **a.said()),
        _("Scheduled; everybody owed is told the day"), "calendar", forms.ScheduleForm,
    ),
    "date": Verb(
        _("Change the date"),
        lambda a: actions.schedule_demand(a.demand, a.data["planned_on"], **a.said()),
        _("The date is changed; everybody owed is told"), "calendar", forms.ScheduleForm,
    ),
    "develop": Verb(
        _("Start development"),
        lambda a: actions.start_development(a.demand, **a.said()), _("In development"), "bolt",
    ),
    "test": Verb(
        _("Start testing"),
        lambda a: actions.start_testing(a.demand, **a.said()), _("In testing"), "shield",
    ),
    "back_to_development": Verb(
        _("Back to development"),
        lambda a: actions.start_development(a.demand, **a.said()), _("In development"), "bolt",
    ),
    "carry": Verb(
        _("Put into a release"),
        lambda a: actions.put_in_release(a.demand, a.data["release"], **a.by()),
        _("Saved"), "box", forms.CarryForm, _("Save"),
    ),
    "verify": Verb(
        _("Verify in production"),
        lambda a: actions.verify_demand(a.demand, **a.said()),
        _("Verified; everybody owed is asked whether it works"), "shield",
        button=_("I have seen it work"),
        lead=_("You have tried it in production and it works. Your name stands for that; the "
               "requesters are asked now, and their tickets are resolved."),
    ),
    "fail": Verb(
        _("It does not work in production"),
        lambda a: actions.fail_demand(a.demand, a.data["words"], **a.said()),
        _("Back in development; nobody was asked yet"), "again", forms.FailForm, None,
        _("You have tried it in production and it does not work; it is built again before anybody "
          "is asked."), "danger",
    ),
    "close": Verb(
        _("Review and close"),
        lambda a: actions.close_demand(a.demand, a.data["review"], **a.said()),
        _("The loop is closed"), "check", forms.CloseForm,
    ),
    "progress": Verb(
        _("Write to its people"),
        lambda a: actions.tell_progress(a.demand, a.data["words"], **a.said()),
        _("Everybody owed is told"), "send", forms.ProgressForm, _("Send"),
        _("Each person who is owed word hears it once, by their channel."),
    ),
    "quote": Verb(
        _("Add somebody's words"), _quote, _("Added; they are owed word from now on"),
        "chat", forms.QuoteForm, _("Add"),
    ),
    "merge": Verb(
        pgettext_lazy("demand", "Merge"),
        lambda a: actions.merge_demand(a.demand, a.data["into"], **a.said()),
        _("Merged; its people are told where it goes on"), "merge", forms.MergeForm, None,
        _("Its people, their words and its tickets go on in the other demand. Nobody is owed "
          "twice, and it can be taken back for 30 days."),
    ),
    "unmerge": Verb(
        _("Take the merge back"),
        lambda a: actions.unmerge_demand(a.demand, **a.said()),
        _("It stands by itself again; its people are told"), "undo", button=_("Take it back"),
        lead=_("Its people, their words and its tickets come back with all they heard meanwhile. "
               "What came to the other demand in between stays there."),
    ),
    "split": Verb(
        pgettext_lazy("demand", "Split"),
        lambda a: actions.split_demand(a.demand, a.data["words"], a.data["title"], **a.said()),
        _("Split; the people of these words are told"), "split", forms.SplitForm, None,
        _("The chosen words become a demand of their own, as far as this one. Who has words in "
          "both is owed word by both."),
    ),
    "undo_split": Verb(
        _("Take the split back"),
        lambda a: actions.undo_split(a.demand, **a.said()),
        _("It goes on in the demand it came from; its people are told"), "undo",
        button=_("Take it back"),
        lead=_("Its people, their words and its tickets go back to the demand it was split from, "
               "with all that came since."),
    ),
    "appeal": Verb(
        _("Appeal"),
        lambda a: actions.appeal_demand(a.demand, a.data["words"], **a.said()),
        _("It is evaluated again"), "flag", forms.AppealForm,
        lead=_("Say why the reason does not hold; it is evaluated again with your words."),
    ),
}  # fmt: skip

#: What a status waits for, offered first.
_NEXT = {
    S.COLLECTED: "evaluate", S.EVALUATING: "accept", S.ACCEPTED: "schedule",
    S.SCHEDULED: "develop", S.IN_DEVELOPMENT: "test", S.TESTING: "carry", S.RELEASED: "verify",
    S.DEFERRED: "evaluate", S.DECLINED: "appeal", S.ROLLED_BACK: "develop",
}  # fmt: skip


@dataclass(frozen=True)
class Offered:
    """A verb as the page of a demand offers it."""

    name: str
    verb: Verb
    url: str


def verbs_for(demand: Demand, user: User) -> list[Offered]:
    """The verbs this person may use on this demand now, in the order of the table."""
    return [
        Offered(name, verb, reverse(f"demand_{name}", args=[demand.pk]))
        for name, verb in VERBS.items()
        if may(name, demand, user)
    ]


def primary_of(demand: Demand, offered: list[Offered]) -> str:
    """The verb that comes next, if this person may use it."""
    name = _NEXT.get(DemandStatus(demand.status), "")
    if demand.status == DemandStatus.RELEASED and demand.verified_at is not None:
        name = "close"
    if demand.status == DemandStatus.TESTING and demand.release_id is not None:
        name = ""
    return name if any(entry.name == name for entry in offered) else ""


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def demand_verb(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """A verb of a demand: its form, or its act."""
    user = reader_of(request)
    demand = access.get_demand_for_view(user, pk)
    entry = VERBS[verb]
    action, back = _addresses(request, verb, pk)
    shown: dict[str, Any] = {"action": action, "back": back, "crumb": demand.ref}
    if request.method != "POST":
        _require_offered(demand, verb, user)
        return form_page(request, entry, entry.form(demand=demand, user=user), **shown)
    form = entry.form(request.POST, demand=demand, user=user)
    if form.is_valid():
        try:
            entry.run(Act(demand, form, user, local_now()))
        except StaleWrite as stale:
            return stale_page(request, demand, form, stale, action=action, back=back)
        except Refused as refusal:
            if isinstance(refusal, NotAllowed) or not form.visible_fields():
                raise
            add_refusal(form, refusal)
        else:
            add_toast(request, str(entry.done))
            return redirect(back)
    return form_page(request, entry, form, status=422, **shown)


def _addresses(request: HttpRequest, verb: str, pk: int) -> tuple[str, str]:
    """Where the form goes, and where one is afterwards: the page that led here, else the demand."""
    action, wanted = reverse(f"demand_{verb}", args=[pk]), request.GET.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return f"{action}?{urlencode({'next': wanted})}", wanted
    return action, reverse("demand", args=[pk])


def _require_offered(demand: Demand, verb: str, user: User) -> None:
    if all(entry.name != verb for entry in verbs_for(demand, user)):
        raise NotAllowed(
            Problem(
                "status", _("This cannot be done with the demand now."),
                _("Reload its page to see what can be done."),
                str(DemandStatus(demand.status).label),
            )
        )  # fmt: skip


#: The refused answer as a page.
_NOT_SOLVED = FormText(
    _("It does not work"),
    _("Say what happens now; the demand goes back into development with it."),
    _("Send"),
)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def demand_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """ "It works" or "it doesn't, because …", by whom the question was asked."""
    user = reader_of(request)
    demand = access.get_demand_for_view(user, pk)
    action, back = _addresses(request, "answer", pk)
    if request.method != "POST":
        return redirect(back)
    question = access.open_question(user, demand)
    if question is None:
        raise WrongState(
            Problem("answer", _("Nothing is asked of you here now."), _("Reload the page."))
        )
    works = request.POST.get("answer") == RoundState.CONFIRMED
    form_class = forms.DemandVerbForm if works else forms.NotSolvedForm
    form = form_class(request.POST, demand=demand, user=user)
    if form.is_valid():
        state = RoundState.CONFIRMED if works else RoundState.NOT_SOLVED
        words = form.cleaned_data.get("words", "")
        actions.answer_round(question, state, words, acting_user=user, now=local_now())
        add_toast(request, str(_("Thank you. It is noted")))
        return redirect(back)
    return form_page(
        request, _NOT_SOLVED, form, action=action, back=back, crumb=demand.ref, status=422
    )
