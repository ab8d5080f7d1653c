"""Settings of chat robots, and the door that the chats call."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from catalog.forms.settings import PEOPLE_LIST
from catalog.views.pages import administrators_only, side
from core.channels.shapes import absolute
from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.models import OutboxRow
from core.throttling import TooMany, count_one
from core.toasts import add_toast
from tickets.actions.robots import create_robot, edit_robot, try_robot
from tickets.choices import ChatApp
from tickets.forms.robots import RobotForm
from tickets.incoming.providers import provider_named
from tickets.incoming.providers.base import Call, Forged
from tickets.incoming.robots.door import take_call
from tickets.models import ChatRobot, IncomingMessage
from tickets.views.incoming import people_suggested

#: Bytes of one call; files are fetched apart, so no honest call comes near.
MOST_BYTES = 512 * 1024
#: Calls of one robot in a minute; the busiest group of a company is far below.
MOST_CALLS = 600
SHOWN = 5


@csrf_exempt
@require_http_methods(["GET", "POST"])
def robot_call(request: HttpRequest, key: str) -> HttpResponse:
    """A chat calls: checked by its signature, kept, answered. Nobody is signed in here."""
    robot = get_object_or_404(ChatRobot.objects.filter(is_active=True), key=key)
    try:
        if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
            return _no(413)
        count_one("robot-call", str(robot.pk), limit=MOST_CALLS, seconds=60)
        body = request.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            return _no(413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(request.method or "", request.GET.dict(), headers, body, timezone.now())
        answer = take_call(robot, call)
    except ValueError:
        return _no(400)
    except TooMany:
        return _no(429)
    except Forged:
        return _no(403)
    return HttpResponse(answer.body, content_type=answer.content_type)


def _no(status: int) -> HttpResponse:
    """A refusal that says nothing about why: the log does."""
    return HttpResponse(status=status)


@administrators_only
@require_safe
def settings_robots(request: HttpRequest) -> HttpResponse:
    """Every robot and how it goes."""
    there = {
        "side": side(request),
        "robots": ChatRobot.objects.select_related("product").order_by("name"),
        "apps": [{"value": app.value, "label": app.label} for app in ChatApp],
    }
    return render(request, "tickets/robots.html", there)


@sensitive_post_parameters("token", "aes_key", "secret")
@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_robots_new(request: HttpRequest, app: str) -> HttpResponse:
    """A robot of one chat; what it needs differs by chat."""
    if app not in ChatApp.values:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    return _answer(
        request, ChatRobot(app=app), RobotForm(sent, credentials=provider_named(app).credentials)
    )


@sensitive_post_parameters("token", "aes_key", "secret")
@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_robots_edit(request: HttpRequest, pk: int) -> HttpResponse:
    robot = get_object_or_404(ChatRobot.objects.select_related("product", "stand_in"), pk=pk)
    form = RobotForm(
        request.POST if request.method == "POST" else None, row=robot,
        initial=RobotForm.initial_of(robot), credentials=provider_named(robot.app).credentials,
    )  # fmt: skip
    return _answer(request, robot, form)


def _answer(request: HttpRequest, robot: ChatRobot, form: RobotForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            saved = _save(request, robot, form)
        except Refused as refusal:
            form.show_refusal(refusal)
            status = 409 if isinstance(refusal, StaleWrite) else 422
        else:
            add_toast(request, _("Saved. Enter its address in the chat, then write to it."))
            return redirect("settings_robots_edit", saved.pk)
    there = {
        "side": side(request),
        "form": form,
        "app": ChatApp(robot.app).label,
        "people": people_suggested(),
        "people_list": PEOPLE_LIST,
        "crumbs": [{"label": _("Chat robots"), "url": reverse("settings_robots")}],
        **(_standing(request, robot) if robot.pk else {"robot": None}),
    }
    return render(request, "tickets/robot_edit.html", there, status=status)


def _save(request: HttpRequest, robot: ChatRobot, form: RobotForm) -> ChatRobot:
    now, user, fields = timezone.now(), signed_in(request), form.fields_of_row()
    provider_named(robot.app).check(form.credentials_sent())
    if not robot.pk:
        return create_robot({**fields, "app": robot.app}, acting_user=user, now=now)
    return edit_robot(
        robot, fields, acting_user=user, now=now, seen_version=form.cleaned_data["version"]
    )


@administrators_only
@require_POST
@once_only
def settings_robots_try(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the chat whether the credentials work, and look what arrived last."""
    robot = get_object_or_404(ChatRobot, pk=pk)
    key = try_robot(robot, now=timezone.now())
    page = reverse("settings_robots_edit", args=[robot.pk])
    return redirect(f"{page}?trial={key.rpartition(':')[2]}")


@administrators_only
@require_safe
def settings_robots_state(request: HttpRequest, pk: int) -> HttpResponse:
    """What arrived last, and how answering goes: asks again while the page is open."""
    robot = get_object_or_404(ChatRobot, pk=pk)
    return render(request, "tickets/parts/robot_state.html", _standing(request, robot))


def _standing(request: HttpRequest, robot: ChatRobot) -> dict[str, Any]:
    trial = request.GET.get("trial", "")[:20]
    waiting = trial.isdecimal() and OutboxRow.objects.filter(
        key=f"robot-try:{robot.pk}:{trial}", done_at__isnull=True, failed_at__isnull=True
    ).exists()  # fmt: skip
    messages = IncomingMessage.objects.filter(robot=robot).select_related("ticket", "person")
    return {
        "robot": robot,
        "trial": trial if waiting else "",
        "address": absolute(reverse("robot_call", args=[robot.key])),
        "heard": messages.order_by("-pk")[:SHOWN],
    }
