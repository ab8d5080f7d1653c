"""What the guards need of writing pages: files, a revision, a review, forms, deeds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from docs_portal import actions as docs
from docs_portal.actions import PageDraft, RevisionDraft
from docs_portal.models import Page, PageFile, Review
from docs_portal.policies.links import file_link
from tests.docs_portal.manual_pages import PNG, mp4

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

Data = dict[str, Any]
TITLE = "合同审批怎么看进度"


def build(world: World) -> None:
    """A published page with a picture and a video, a second revision that waits for 林知夏."""
    cast, now = world.cast, world.now
    said: dict[str, Any] = {"acting_user": cast.shenyi, "now": now}
    crm = cast.products["crm"]
    page = docs.create_page(PageDraft(crm, TITLE, "第一版", slug="contract-progress"), **said)
    shown = [
        docs.add_page_file(page, SimpleUploadedFile(name, content), **said)
        for name, content in (("进度.png", PNG), ("讲解.mp4", mp4(60, 2560)))
    ]
    body = "\n\n".join(f"![{file.name}]({file_link(file.pk)})" for file in shown)
    docs.save_revision(page, RevisionDraft(TITLE, body, 1), **said)
    docs.publish_page(page, **said)
    docs.save_revision(page, RevisionDraft(TITLE, f"{body}\n\n再看一眼。", 2), **said)
    docs.ask_review(page, cast.linzhixia, "对吗？", **said)


def page() -> Page:
    return Page.objects.select_related("manual__product", "module").get(slug="contract-progress")


def review() -> Review:
    return Review.objects.select_related("page__manual__product", "page__module", "revision").get(
        page=page()
    )


def file(ending: str) -> PageFile:
    return PageFile.objects.select_related("page__manual").get(page=page(), name__endswith=ending)


def _of_draft(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    return {"": (world.pages["draft"].pk,)}


def _of_page(world: World, route: Route) -> Mapping[str, tuple[Any, ...]]:
    return {"": (page().pk,)}


ARGUMENTS: dict[str, Callable[[Any, Any], Mapping[str, tuple[Any, ...]]]] = {
    "page_file": lambda world, route: {"": (file("png").pk, "进度.png")},
    "page_video_watched": lambda world, route: {"": (file("mp4").pk,)},
    "page_draft": _of_draft,
    "page_file_new": _of_draft,
    "page_history": _of_page,
    "page_revision": lambda world, route: {"": (page().pk, 1)},
    "page_restore": lambda world, route: {"": (page().pk, 1)},
    "page_review_ask": _of_draft,
    "page_move": _of_draft,
    "page_place": _of_draft,
    "page_links": lambda world, route: {"": ("crm",)},
    "review": lambda world, route: {"": (review().pk,)},
    "review_withdraw": lambda world, route: {"": (review().pk,)},
    "manual_tree": lambda world, route: {"": ("crm",)},
    "manual_rules": lambda world, route: {"": ("crm",)},
    "manual_links": lambda world, route: {"": ("crm",)},
}
FORMS: dict[str, Callable[[Any], Data]] = {
    "page_video_watched": lambda w: {"parts": "[[0, 12.5]]", "length": 60},
    "page_draft": lambda w: {"title": "合同套打", "body": "打了一半", "based_on": 1, "revision": 0},
    "page_file_new": lambda w: {"file": SimpleUploadedFile("新.png", PNG)},
    "page_restore": lambda w: {"based_on": 3},
    "page_review_ask": lambda w: {"reviewer": w.cast.linzhixia.pk, "words": "对吗？"},
    "page_move": lambda w: {"step": "up"},
    "page_place": lambda w: {"kind": "example", "slug": "contract-print-2"},
    "review": lambda w: {"answer": "approve", "comment": "好", "seen": 3},
    "review_withdraw": lambda w: {},
    "manual_rules": lambda w: {"review": "material"},
}


def _by(world: World, name: str = "shenyi") -> dict[str, Any]:
    return {"acting_user": world.cast.people[name], "now": world.now + dt.timedelta(hours=1)}


DEEDS: dict[str, Callable[[Any, Any], object]] = {
    "add_page_file": lambda w, act: act(page(), SimpleUploadedFile("新.png", PNG + b"1"), **_by(w)),
    "ask_review": lambda w, act: act(page(), w.cast.zhoumin, **_by(w)),
    "approve_review": lambda w, act: act(review(), seen_revision=3, **_by(w, "linzhixia")),
    "return_review": lambda w, act: act(review(), "少一步", seen_revision=3, **_by(w, "linzhixia")),
    "withdraw_review": lambda w, act: act(review(), **_by(w)),
    "set_writing_rules": lambda w, act: act(page().manual, "always", **_by(w)),
    "restore_revision": lambda w, act: act(page(), 1, based_on=3, **_by(w)),
    "move_page": lambda w, act: act(page(), w.pages["everybody"], None, **_by(w)),
    "rename_address": lambda w, act: act(page(), "contract-progress-2", **_by(w)),
    "edit_place": lambda w, act: act(page(), kind="example", module=None, feature=None, **_by(w)),
}
_OWN = "a draft is its writer's own, and nobody else is told of it"
WITHOUT_EVENT: dict[str, str] = {
    "save_writing_draft": _OWN,
    "discard_writing_draft": _OWN,
    "forget_writing_drafts": _OWN,
    "record_watched": "a row per person and video holds what ran; nothing of the page changes",
}


def old_draft(world: World) -> dt.datetime:
    """A draft nobody went on with for two months."""
    said = _by(world)
    docs.save_writing_draft(page(), TITLE, "打了一半", based_on=3, revision=0, **said)
    later: dt.datetime = said["now"] + dt.timedelta(days=61)
    return later
