"""The page of a demand for staff and for who is owed word, and new demands."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from feedback import access, actions
from feedback.choices import ENDED
from feedback.forms.demands import AppealForm, NewDemandForm, NotSolvedForm
from feedback.forms.fields import staff_products
from feedback.models import Demand, FeedbackItem, Obligation, Round
from feedback.rendering.sentences import demand_history
from feedback.rendering.standing import path_of, standing_of
from feedback.search import told_of
from feedback.views.answers import local_now, reader_of
from feedback.views.deciding import primary_of, verbs_for
from feedback.views.pool import chosen_items
from tickets.models import Ticket

PEOPLE_SHOWN = 50
WORDS_SHOWN = 20
TICKETS_SHOWN = 50


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def demand_new(request: HttpRequest) -> HttpResponse:
    """A new demand of one's product, from nothing or from what people said (`items`)."""
    user = reader_of(request)
    if not staff_products(user).exists():
        raise PermissionDenied
    is_sent = request.method == "POST"
    items = chosen_items(request) if (request.POST if is_sent else request.GET).get("items") else []
    form = NewDemandForm(request.POST if is_sent else None, user=user, initial=_started(items))
    if is_sent and form.is_valid():
        try:
            demand = actions.open_demand_for(items, form.draft(), acting_user=user, now=local_now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("%(ref)s is collected") % {"ref": demand.ref})
            return redirect("demand", demand.pk)
    there = {"form": form, "items": items, "names": ",".join(str(item.pk) for item in items)}
    return render(request, "feedback/demand_new.html", there, status=422 if is_sent else 200)


def _started(items: list[FeedbackItem]) -> dict[str, Any]:
    """What a new demand takes over from the words it begins with."""
    if not items:
        return {}
    first = items[0]
    return {
        "product": first.product_id, "module": first.module_id, "proposer": first.person.username,
        "source": first.source, "problem": "\n\n".join(item.words for item in items),
    }  # fmt: skip


@login_required
@require_safe
def demand(request: HttpRequest, pk: int) -> HttpResponse:
    """A demand: everything for staff; for who is owed word, what becomes of it."""
    user = reader_of(request)
    shown = access.get_demand_for_view(user, pk)
    if _is_navigation(request):
        actions.read_rounds(shown, acting_user=user, now=local_now())
    if access.sees_everyone(shown, user):
        return render(request, "feedback/demand.html", _staff_context(request, shown, user))
    return render(request, "feedback/demand_mine.html", _owed_context(shown, user))


def _is_navigation(request: HttpRequest) -> bool:
    """Somebody looks at the page: a browser that only fetches ahead has shown nothing yet."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method == "GET" and "prefetch" not in purpose


def _staff_context(request: HttpRequest, shown: Demand, user: User) -> dict[str, Any]:
    verbs = verbs_for(shown, user)
    tickets = Ticket.objects.visible_to(user).filter(driver=shown.ref)
    said = FeedbackItem.objects.filter(demand=shown).select_related(
        "person", "department", "ticket"
    )
    return {
        "now": local_now(),
        "demand": shown,
        "verbs": verbs,
        "primary": primary_of(shown, verbs),
        "steps": path_of(shown),
        "told": told_of([shown.pk])[shown.pk],
        "tickets": tickets.select_related("requester").order_by("-pk")[:TICKETS_SHOWN],
        "history": demand_history(shown),
        **_asked(shown, user),
        **_people(request, shown),
        **_words(request, said.select_related("brought_from", "person", "department", "ticket")),
    }


def _asked(shown: Demand, user: User) -> dict[str, Any]:
    """The question asked of the reader here, and what else of the same release is asked of them."""
    question = access.open_question(user, shown)
    along = access.questions_along(user, question) if question is not None else []
    return {
        "question": question,
        "not_solved": NotSolvedForm(demand=shown, user=user),
        "along": [
            (row.obligation.demand, NotSolvedForm(
                demand=row.obligation.demand, user=user, auto_id=f"along_{row.pk}_%s"
            ))
            for row in along
        ],
    }  # fmt: skip


def _people(request: HttpRequest, shown: Demand) -> dict[str, Any]:
    """A page of the people owed, by key, each with their rounds."""
    rounds = Round.objects.order_by("-pk").select_related("release")
    owed = (
        Obligation.objects.standing()
        .filter(demand=shown)
        .select_related("person__department", "person__position")
        .prefetch_related(
            Prefetch("rounds", rounds), "joined__demand", Prefetch("joined__rounds", rounds)
        )
        .order_by("pk")
    )
    if (key := request.GET.get("people_after", "")).isdecimal() and len(key) < 18:
        owed = owed.filter(pk__gt=int(key))
    rows = list(owed[: PEOPLE_SHOWN + 1])
    return {
        "people": rows[:PEOPLE_SHOWN],
        "people_next": rows[PEOPLE_SHOWN - 1].pk if len(rows) > PEOPLE_SHOWN else None,
        "people_from_start": not key,
    }


def _words(request: HttpRequest, said: Any) -> dict[str, Any]:
    """A page of verbatim words, newest first."""
    if (key := request.GET.get("words_before", "")).isdecimal() and len(key) < 18:
        said = said.filter(pk__lt=int(key))
    rows = list(said.order_by("-pk")[: WORDS_SHOWN + 1])
    return {
        "words": rows[:WORDS_SHOWN],
        "words_next": rows[WORDS_SHOWN - 1].pk if len(rows) > WORDS_SHOWN else None,
        "words_from_start": not key,
    }


def _owed_context(shown: Demand, user: User) -> dict[str, Any]:
    asked = _asked(shown, user)
    question = asked["question"]
    rounds = Round.objects.about(shown).filter(obligation__person=user)
    answered = rounds.filter(kind="release", state__in=ENDED).order_by("-pk").first()
    said = FeedbackItem.objects.filter(demand=shown, person=user)
    standing = Obligation.objects.standing().filter(demand=shown)
    others = standing.exclude(person=user).count()
    return {
        "now": local_now(),
        "demand": shown,
        "steps": path_of(shown),
        "standing": standing_of(shown, question, answered),
        **asked,
        "on_behalf": question is not None and question.obligation.person_id != user.pk,
        "appeal": AppealForm(demand=shown, user=user, auto_id="appeal_%s"),
        "is_owed": standing.filter(person=user).exists(),
        "words": said.order_by("-pk")[:WORDS_SHOWN],
        "tickets": access.driven_tickets(shown, user),
        "rounds": rounds.order_by("-pk"),
        "others": ngettext(
            "%(n)s other person asked for it too.", "%(n)s other people asked for it too.", others
        ) % {"n": others} if others else "",
    }  # fmt: skip
