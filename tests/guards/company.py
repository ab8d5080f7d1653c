"""What the guards need of the company's own settings: its name, links, tokens, people in a file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actions import (
    carry_out_people_import,
    issue_token,
    mail_sign_in_link,
    start_people_import,
)
from accounts.models import ApiToken, PeopleImport
from accounts.policies import beginning_token
from feedback.models import DemandImport
from tests.cast import NOW

if TYPE_CHECKING:
    from tests.guards.places import Route
    from tests.guards.world import World

#: When the guards ask, as the world says it (which imports this module).
ASKED_AT = NOW + dt.timedelta(hours=1)


def file() -> SimpleUploadedFile:
    rows = "用户名,姓名,部门,邮箱\nnewcomer,新人,远禾集团 / 法务部,\nliuyang,刘洋,,bad\n"
    return SimpleUploadedFile("people.csv", rows.encode())


def build(world: World) -> None:
    """A file of people that waits for a word, and a token that programs hold."""
    start_people_import(file(), language="zh-hans", acting_user=world.cast.admin, now=world.now)
    issue_token(
        world.cast.linzhixia, "报表", reads_only=True, expires_on=None,
        acting_user=world.cast.admin, now=world.now,
    )  # fmt: skip


def _run() -> PeopleImport:
    return PeopleImport.objects.earliest("pk")


def people_wait(world: World) -> None:
    carry_out_people_import(_run(), acting_user=world.cast.admin, now=world.now)


def link_mailed(world: World) -> None:
    mail_sign_in_link(
        world.cast.wangke, "http://127.0.0.1", acting_user=world.cast.admin, now=ASKED_AT
    )


def _issue(world: World, act: Any) -> ApiToken:
    token, _text = act(
        world.cast.emma, "脚本", reads_only=False, expires_on=None,
        acting_user=world.cast.admin, now=ASKED_AT,
    )  # fmt: skip
    found: ApiToken = token
    return found


ARGUMENTS: dict[str, Callable[[World, Route], Mapping[str, tuple[Any, ...]]]] = {
    "begin": lambda world, route: {"": (beginning_token(),), "forged": ("0" * 40,)},
    "settings_people_link": lambda world, route: {"": (world.cast.liuyang.pk,)},
    "settings_people_file": lambda world, route: {"": (_run().pk,)},
    "settings_people_carry_out": lambda world, route: {"": (_run().pk,)},
    "settings_tokens_revoke": lambda world, route: {"": (ApiToken.objects.earliest("pk").pk,)},
    "demand_import_take_back": lambda world, route: {
        "judged": (DemandImport.objects.earliest("pk").pk,)
    },
}
FORMS: dict[str, Callable[[World], dict[str, Any]]] = {
    "begin": lambda world: {
        "company": "青石", "name": "王一", "username": "wangyi", "password": "steile-Wand-42",
        "again": "steile-Wand-42",
    },
    "settings_company": lambda world: {"name": "远禾集团股份"},
    "settings_people_link": lambda world: {"way": "show"},
    "settings_people_import": lambda world: {"file": file()},
    "settings_people_carry_out": lambda world: {},
    "settings_tokens": lambda world: {"name": "看板", "person": "linzhixia"},
    "settings_tokens_revoke": lambda world: {},
    "demand_import_take_back": lambda world: {},
}  # fmt: skip
DEEDS: dict[str, Callable[[World, Any], Any]] = {
    "name_company": lambda world, act: act("远禾", acting_user=world.cast.admin, now=ASKED_AT),
    "make_sign_in_link": lambda world, act: act(
        world.cast.liuyang, acting_user=world.cast.admin, now=ASKED_AT
    ),
    "mail_sign_in_link": lambda world, act: act(
        world.cast.liuyang, "http://127.0.0.1", acting_user=world.cast.admin, now=ASKED_AT
    ),
    "issue_token": _issue,
    "revoke_token": lambda world, act: act(
        ApiToken.objects.earliest("pk"), acting_user=world.cast.admin, now=ASKED_AT
    ),
}
WITHOUT_EVENT = {
    "start_people_import": "the file is a row of its own; nothing is set before somebody says so",
    "carry_out_people_import": "a job; each person has the event of their row",
    "go_on_with_people": "the same",
    "mark_token_used": "kept to the minute beside the token, no change anybody asks about",
}
CATALOG_WITHOUT_EVENT = {
    "begin_company": "needs a house without people: tests/catalog/test_it_begins_a_company.py",
}
FEEDBACK_WITHOUT_EVENT = {
    "take_back_import": "a job; what it removes or sets back has its own events",
}
