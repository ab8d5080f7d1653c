"""Rules that assign a course by themselves, with a preview of whom they would hit."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in
from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from docs_portal import access, actions
from docs_portal.forms.training import RuleForm
from docs_portal.models import Course, TrainingRule
from docs_portal.policies.troubles import all_troubles
from docs_portal.rendering.training import hits_of
from docs_portal.views.doing import done
from docs_portal.views.teaching import edited
from docs_portal.views.training import today


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def training_rule_new(request: HttpRequest, pk: int) -> HttpResponse:
    """A rule that assigns the course by itself; off until somebody switches it on."""
    user, row = edited(request, pk)
    form = RuleForm(request.POST or None, course=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.create_training_rule(row, form.draft(), acting_user=user, now=timezone.now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The rule is saved and off; switch it on when it fits."))
            return redirect("course_edit", pk)
    return _ruling(request, user, row, None, form)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def training_rule_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Other numbers for a rule."""
    user, rule = _rule(request, pk)
    if request.method == "GET":
        form = RuleForm(course=rule.course, initial=RuleForm.initial_of(rule))
        return _ruling(request, user, rule.course, rule, form)
    form = RuleForm(request.POST, course=rule.course)
    if form.is_valid():
        try:
            actions.edit_training_rule(
                rule, form.draft(), acting_user=user, now=timezone.now(),
                seen_version=form.cleaned_data["version"],
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The rule is saved."))
            return redirect("course_edit", rule.course_id)
    return _ruling(request, user, rule.course, rule, form)


@login_required
@require_POST
@once_only
def training_rule_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """On or off."""
    user, rule = _rule(request, pk)
    is_active = request.POST.get("on") == "1"

    def act() -> str:
        actions.switch_training_rule(rule, is_active, acting_user=user, now=timezone.now())
        return _("The rule is on") if is_active else _("The rule is off")

    return done(request, act, "course_edit", rule.course_id)


def _rule(request: HttpRequest, pk: int) -> tuple[User, TrainingRule]:
    user = signed_in(request)
    rule: TrainingRule = get_object_or_404(
        TrainingRule.objects.select_related("course__product"), pk=pk
    )
    access.get_course_for_edit(user, rule.course_id, today(timezone.now()))
    return user, rule


def _ruling(
    request: HttpRequest, user: User, row: Course, rule: TrainingRule | None, form: RuleForm
) -> HttpResponse:
    context = {
        "row": row, "rule": rule, "form": form, **_hits(user, row, form, rule),
    }  # fmt: skip
    status = 422 if form.is_bound else 200
    return render(request, "docs_portal/training_rule.html", context, status=status)


@login_required
@require_POST
def training_rule_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom the numbers as typed would hit now; asked while one types."""
    user, row = edited(request, pk)
    form = RuleForm(request.POST, course=row)
    return render(request, "docs_portal/training_hits.html", _hits(user, row, form, None))


def _hits(user: User, row: Course, form: RuleForm, rule: TrainingRule | None) -> dict[str, Any]:
    """Whom the form's numbers hit; names only where the person may see them.

    How colleagues do their work is seen by their managers, not by each other.
    """
    numbers = {}
    for name in ("threshold", "days"):
        value = str(form[name].value() or "")
        numbers[name] = (
            int(value) if value.isascii() and value.isdecimal() and len(value) < 6 else 0
        )
    trouble = all_troubles().get(str(form["trouble"].value() or ""))
    trouble = trouble or next(iter(all_troubles().values()), None)
    good = all(1 <= value <= 365 for value in numbers.values())
    if trouble is None or not good:
        return {"hits": [], "asked": 0, "named": True, "good": good}
    wanted = TrainingRule(course=row, trouble=trouble.name, **numbers)
    hits = hits_of(wanted, timezone.now())
    named = not trouble.about_staff or rights_of(user).covers(
        PermissionRole.MANAGER, row.product_id
    )
    return {
        "hits": hits, "asked": sum(hit.would_be_asked for hit in hits), "named": named,
        "good": True,
    }  # fmt: skip
