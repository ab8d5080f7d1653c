"""What the guards need of announcements and of the widget: rows of the world, forms, deeds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from docs_portal import actions as docs
from docs_portal.actions import AnnouncementDraft
from docs_portal.choices import AnnouncementStatus
from docs_portal.models import Announcement, AnnouncementFile, PosterPlace
from tickets import actions as tickets
from tickets.models import WidgetSecret, WidgetSite
from tickets.policies import widget_tokens

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

Data = dict[str, Any]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def build(world: World) -> None:
    """A draft, one that is out with a picture and a poster, one that is scheduled; the widget of
    星图 CRM with a secret.
    """
    cast, now = world.cast, world.now
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    crm = cast.products["crm"]

    def made(title: str, **more: Any) -> Announcement:
        draft = AnnouncementDraft(title, "三天内可以补录。", product=crm, **more)
        return docs.create_announcement(draft, **said)

    made("草稿：导出")
    out = made("拜访记录可以补录", asks_acknowledgement=True)
    docs.add_announcement_files(out, [SimpleUploadedFile("补录.png", PNG)], **said)
    docs.add_poster_place(out, "三楼茶水间", **said)
    docs.publish_announcement(out, **said)
    later = made("下月上线：看板", starts_at=now + dt.timedelta(days=3))
    docs.publish_announcement(later, **said)
    plain = made("看板更快了")
    docs.publish_announcement(plain, **said)
    own: dict[str, Any] = {"acting_user": cast.admin, "now": now}
    site = tickets.set_widget_site(crm, ["https://crm.example.com"], **own)
    tickets.create_widget_secret(site, **own)


def out(title: str = "拜访记录可以补录") -> Announcement:
    return Announcement.objects.get(title=title)


def _file() -> AnnouncementFile:
    return AnnouncementFile.objects.get(name="补录.png")


def _one(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    if route.name.endswith(("publish", "edit")):
        return {"draft": (out("草稿：导出").pk,)}
    if route.name.endswith("dismiss"):
        return {"plain": (out("看板更快了").pk,)}
    found = {"": (out().pk,)}
    return found if route.name != "announcement" else {**found, "draft": (out("草稿：导出").pk,)}


def _in_widget(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    """Without a session, which only a signed token opens: nobody gets in by a cookie."""
    if "<int:pk>" not in route.pattern:
        return {"": ("crm",)}
    more = ("acknowledge",) if "<slug:act>" in route.pattern else ()
    return {"": ("crm", out().pk, *more)}


ARGUMENTS: dict[str, Callable[[Any, Any], Mapping[str, tuple[Any, ...]]]] = {
    "announcement": _one,
    "api_announcement_": _one,
    "announcement_file": lambda world, route: {"": (_file().pk, "补录.png")},
    "announcement_file_remove": lambda world, route: {"": (out().pk, _file().pk)},
    "poster": lambda world, route: {
        "": (PosterPlace.objects.get().code,),
        "unknown": ("no-such-code",),
    },
    "widget_": _in_widget,
    "widget_frame": lambda world, route: {"": ("crm",), "none": ("erp",)},
    "settings_widget": lambda world, route: {"": (world.cast.products["crm"].pk,)},
    "settings_widget_stop": lambda world, route: {"": (WidgetSecret.objects.get().pk,)},
}
_WORDS: Data = {"title": "批量导出", "what": "一次导出全部。", "asks_acknowledgement": ""}
FORMS: dict[str, Callable[[Any], Data]] = {
    "announcement_new": lambda w: {**_WORDS, "product": w.cast.products["crm"].pk},
    "announcement_edit": lambda w: _WORDS,
    "announcement_reach": lambda w: {"departments": [w.cast.departments["east"].pk]},
    "announcement_preview": lambda w: _WORDS,
    "announcement_acknowledge": lambda w: {},
    "announcement_dismiss": lambda w: {},
    "announcement_publish": lambda w: {},
    "announcement_withdraw": lambda w: {},
    "announcement_remind": lambda w: {},
    "announcement_posters": lambda w: {"name": "食堂"},
    "announcement_file_remove": lambda w: {},
    "settings_widget_edit": lambda w: {"origins": "https://crm.example.com", "is_active": "on"},
    "settings_widget_secret": lambda w: {},
    "settings_widget_stop": lambda w: {"ending": "later"},
    "widget_session": lambda w: {"token": "a.b.c"},
    "widget_submit": lambda w: {"description": "打不开"},
    "widget_same_here": lambda w: {"words": "我也是"},
    "widget_announcement_act": lambda w: {},
}


def _by(world: World, name: str = "linzhixia") -> dict[str, Any]:
    return {"acting_user": world.cast.people[name], "now": world.now + dt.timedelta(hours=1)}


def _draft(world: World) -> AnnouncementDraft:
    return AnnouncementDraft("批量导出", "一次导出全部。", product=world.cast.products["crm"])


def _its_time_has_come(world: World) -> dt.datetime:
    """The scheduled one is due at the time of the deed."""
    now: dt.datetime = _by(world)["now"]
    Announcement.objects.filter(status=AnnouncementStatus.SCHEDULED).update(starts_at=now)
    return now


DOCS_DEEDS: dict[str, Callable[[Any, Any], object]] = {
    "create_announcement": lambda w, act: act(_draft(w), **_by(w)),
    "edit_announcement": lambda w, act: act(out(), _draft(w), **_by(w)),
    "publish_announcement": lambda w, act: act(out("草稿：导出"), **_by(w)),
    "withdraw_announcement": lambda w, act: act(out(), **_by(w)),
    "publish_due_announcements": lambda w, act: act(_its_time_has_come(w)),
    "remind_announcement": lambda w, act: act(out(), **_by(w)),
    "add_announcement_files": lambda w, act: act(
        out(), [SimpleUploadedFile("新.png", PNG)], **_by(w)
    ),
    "remove_announcement_file": lambda w, act: act(_file(), **_by(w)),
    "add_poster_place": lambda w, act: act(out(), "食堂", **_by(w)),
}
_HOW_FAR = "a row per person and announcement holds when; nothing about the announcement changes"
_TOLD = "notices and a mark per person told, which is delivery; publish_announcement is the event"
DOCS_WITHOUT_EVENT: dict[str, str] = {
    "tell_audience": _TOLD,
    "remind_audience": "the same; remind_announcement is the event",
    "tell_newcomers": _TOLD,
    "note_reached": _HOW_FAR,
    "read_announcement": _HOW_FAR,
    "dismiss_announcement": _HOW_FAR,
    "acknowledge_announcement": _HOW_FAR,
    "count_scan": "a counter of how often the code of a poster was scanned; it names nobody",
}
DEEDS: dict[str, Callable[[Any, Any], object]] = {
    "set_widget_site": lambda w, act: act(
        w.cast.products["crm"], ["https://b.example.com"], **_by(w, "admin")
    ),
    "create_widget_secret": lambda w, act: act(WidgetSite.objects.get(), **_by(w, "admin")),
    "stop_widget_secret": lambda w, act: act(
        WidgetSecret.objects.get(), _by(w)["now"], **_by(w, "admin")
    ),
}
WITHOUT_EVENT: dict[str, str] = {
    "open_widget_session": "a session that ends by itself, as a sign-in is; what is done in it has "
    "its own events",
    "forget_widget_sessions": "tidies sessions and nonces that are over",
}


def widget_session(world: World, client: Client) -> dict[str, str]:
    """The header of a frame of 星图 CRM, opened by 王珂 with a token of its back end."""
    secret = WidgetSecret.objects.get()
    made = int(_by(world)["now"].timestamp())
    claims = {
        "sub": "wangke", "product": "crm", "iat": made, "exp": made + 60,
        "jti": widget_tokens.new_nonce(),
    }  # fmt: skip
    token = widget_tokens.sign(claims, secret.key_id, widget_tokens.secret_of(secret.nonce))
    answer = client.post("/widget/crm/session/", {"token": token})
    assert answer.status_code == 200, answer.content
    return {"Authorization": f"Widget {answer.json()['key']}"}


def due_announcement(world: World) -> dt.datetime:
    """The time of the scheduled one has come."""
    return world.now + dt.timedelta(days=4)


def asked_again(world: World) -> None:
    """Who has not acknowledged it is to be reminded."""
    docs.remind_announcement(out(), **_by(world))


def newcomer(world: World) -> dt.datetime:
    """Nobody was told of the ones that are out."""
    return world.now + dt.timedelta(hours=1)
