"""`@name` in replies and notes: kept by id, told once, and never a leak."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.actions import PersonDraft, create_person
from accounts.models import User
from core.models import OutboxRow
from core.text import MENTION, markdown_html, without_mentions
from opsdesk.demo.cast import Cast
from tests.api.calling import Api
from tests.tickets.ladder import submitted
from tickets.access import may_read_notes, reach_of
from tickets.actions import add_comment, add_watcher, edit_ticket, preview_mentions
from tickets.choices import CommentKind
from tickets.errors import BadInput, NotOnTicket, UnseenReply
from tickets.models import Comment, Ticket, Watcher

ClientOf = Callable[..., Client]


def _told(kind: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in OutboxRow.objects.filter(name=f"ticket.{kind}"):
        found[row.payload["recipient"]] = found.get(row.payload["recipient"], 0) + 1
    return found


def _fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_a_name_is_kept_by_id_and_read_by_the_present_name(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    said = "@陈璐请看，@zhoumin 也看；`@陈璐` 是代码，mail@chenlu.com 不是。@林知夏 @陈璐"
    comment = add_comment(ticket, said, kind="note", acting_user=cast.linzhixia, now=now)
    chen, zhou = cast.chenlu, cast.zhoumin
    assert comment.body == (
        f"@[陈璐]({chen.pk})请看，@[周敏]({zhou.pk}) 也看；`@陈璐` 是代码，mail@chenlu.com 不是。"
        f"@[林知夏]({cast.linzhixia.pk}) @[陈璐]({chen.pk})"
    )
    # Once each, and nobody tells themselves.
    assert _told("mentioned") == {chen.pk: 1, zhou.pk: 1}
    User.objects.filter(pk=chen.pk).update(name="陈小璐")
    page = client_of(cast.linzhixia).get(reverse("ticket", args=[ticket.pk])).content.decode()
    assert '<span class="mention">@陈小璐</span>请看' in page
    assert "<code>@陈璐</code>" in page


def test_whoever_is_named_is_told_that_and_nothing_else(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    add_watcher(ticket, cast.chenlu, acting_user=cast.linzhixia, now=now)
    add_comment(ticket, "@陈璐 @王珂 好了吗", acting_user=cast.linzhixia, now=now)
    assert _told("mentioned") == {cast.chenlu.pk: 1, cast.wangke.pk: 1}
    assert _told("reply") == {}


def test_who_may_not_see_it_is_let_in_by_name_or_refused_by_name(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    with pytest.raises(NotOnTicket) as refused:
        add_comment(ticket, "@赵怡 请确认", acting_user=cast.linzhixia, now=now)
    assert "赵怡" in str(refused.value)
    assert not Comment.objects.exists()
    assert _told("mentioned") == {}
    client = client_of(cast.linzhixia)
    at = reverse("ticket_reply", args=[ticket.pk])
    page = client.post(at, {"body": "@赵怡 请确认"})
    assert page.status_code == 422
    assert f'name="invited" value="{cast.zhaoyi.pk}"' in page.content.decode()
    client.post(at, {"body": "@赵怡 请确认", "invited": [cast.zhaoyi.pk, cast.liuyang.pk]})
    # Only whom the text names is let in.
    assert [watcher.user for watcher in Watcher.objects.all()] == [cast.zhaoyi]
    assert _told("mentioned") == {cast.zhaoyi.pk: 1}
    assert Ticket.objects.visible_to(_fresh(cast.zhaoyi)).filter(pk=ticket.pk).exists()


def test_a_note_is_read_by_colleagues_only(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    said = {"kind": "note", "acting_user": cast.linzhixia, "now": now}
    with pytest.raises(NotOnTicket):
        add_comment(ticket, "@赵怡", invited=[cast.zhaoyi.pk], **said)  # type: ignore[arg-type]
    with pytest.raises(NotOnTicket):
        add_comment(ticket, "@王珂", invited=[cast.wangke.pk], **said)  # type: ignore[arg-type]
    assert not Watcher.objects.exists()
    # An engineer who owns another product: let in by staff, he reads and writes notes.
    with pytest.raises(NotOnTicket):
        add_comment(ticket, "@许澄", **said)  # type: ignore[arg-type]
    add_comment(ticket, "@许澄 看看", invited=[cast.xucheng.pk], **said)  # type: ignore[arg-type]
    assert may_read_notes(ticket, _fresh(cast.xucheng))
    add_comment(ticket, "看了", kind="note", acting_user=_fresh(cast.xucheng), now=now)
    # Whom the requester lets in reads what the requester reads.
    other = submitted(cast, now)
    add_watcher(other, cast.xucheng, acting_user=cast.wangke, now=now)
    assert not may_read_notes(other, _fresh(cast.xucheng))


def test_a_requester_learns_nothing_by_guessing(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    body = f"@陈璐 @zhoumin @[陈璐]({cast.chenlu.pk}) 帮我"
    comment = add_comment(ticket, body, acting_user=cast.wangke, now=now)
    assert comment.body == "@陈璐 @zhoumin @陈璐 帮我"
    assert _told("mentioned") == {}
    people = reverse("ticket_people", args=[ticket.pk])
    client = client_of(cast.wangke)
    assert "陈璐" not in client.get(people, {"q": "陈"}).content.decode()
    add_comment(ticket, "请再试", acting_user=cast.chenlu, now=now)
    assert "陈璐" in client.get(people, {"q": "陈"}).content.decode()
    add_comment(ticket, "@陈璐 谢谢", acting_user=cast.wangke, now=now)
    assert _told("mentioned") == {cast.chenlu.pk: 1}


def test_a_confidential_ticket_stays_so(cast: Cast, now: dt.datetime) -> None:
    ticket = edit_ticket(
        submitted(cast, now), {"confidential": True}, acting_user=cast.gaoyuan, now=now
    )
    with pytest.raises(NotOnTicket):
        add_comment(ticket, "@周敏 看看", kind="note", acting_user=cast.gaoyuan, now=now)
    assert _told("mentioned") == {}


def test_several_of_one_name_are_told_apart(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    draft = PersonDraft(username="chenlu2", name="陈璐", email="chenlu2@example.com")
    other = create_person(draft, acting_user=cast.admin, now=now)
    with pytest.raises(BadInput) as refused:
        add_comment(ticket, "@陈璐 看看", acting_user=cast.linzhixia, now=now)
    assert "@陈璐(chenlu2)" in str(refused.value)
    kept = preview_mentions(ticket, "@陈璐(chenlu2) 看看", acting_user=cast.linzhixia)
    assert kept == f"@[陈璐]({other.pk}) 看看"
    people = reverse("ticket_people", args=[ticket.pk])
    listed = client_of(cast.linzhixia).get(people, {"q": "陈璐"}).content.decode()
    assert "陈璐(chenlu)" in listed
    assert "陈璐(chenlu2)" in listed


def test_a_reply_after_an_unseen_one_is_held_once(cast: Cast, now: dt.datetime) -> None:

    ticket = submitted(cast, now)
    first = add_comment(ticket, "一", acting_user=cast.linzhixia, now=now)
    theirs = add_comment(ticket, "我自己好了", acting_user=cast.wangke, now=now)
    said = {"acting_user": cast.linzhixia, "now": now}
    with pytest.raises(UnseenReply) as held:
        add_comment(ticket, "二", seen_comment=first.pk, **said)  # type: ignore[arg-type]
    assert held.value.comment == theirs
    add_comment(ticket, "备注", kind="note", seen_comment=first.pk, **said)  # type: ignore[arg-type]
    add_comment(ticket, "二", seen_comment=theirs.pk, **said)  # type: ignore[arg-type]
    add_comment(ticket, "三", **said)  # type: ignore[arg-type]
    assert Comment.objects.filter(ticket=ticket, kind=CommentKind.PUBLIC).count() == 4


def test_the_reach_of_others_is_the_one_rule(cast: Cast, now: dt.datetime) -> None:
    """`reach_of` (others, in bulk) agrees with `visible_to` and `may_read_notes` (oneself)."""
    open_one = submitted(cast, now)
    add_watcher(open_one, cast.zhaoyi, acting_user=cast.linzhixia, now=now)
    add_watcher(open_one, cast.xucheng, acting_user=cast.linzhixia, now=now)
    secret = edit_ticket(
        submitted(cast, now), {"confidential": True}, acting_user=cast.gaoyuan, now=now
    )
    people = list(User.objects.working_here())
    for ticket in (open_one, secret):
        found = reach_of(ticket, [_fresh(user) for user in people])
        for user in people:
            sees = Ticket.objects.visible_to(_fresh(user)).filter(pk=ticket.pk).exists()
            assert found[user.pk].ticket == sees, user
            if sees:
                assert found[user.pk].notes == may_read_notes(ticket, _fresh(user)), user


HOSTILE = st.lists(
    st.sampled_from(
        ["@", "陈璐", "@陈璐", "@[", "](", ")", "`", "```", "\n", " ", "(chenlu)", "@[x](1)",
         "@[陈璐](99999999999999999999)", "\\", "<b>", "@@", "emma", "@Emma Clark", "\u202e", "> "]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(text=HOSTILE)
def test_any_text_keeps_its_words(text: str) -> None:
    """Whatever stands around an `@`: without people nothing changes but forged forms."""

    assert MENTION.sub(r"@\1", text) == without_mentions(text)
    html = markdown_html(text, mentions={1: "<script>"}, fold_quotes=True)
    assert "<script" not in html
    assert "<b>" not in html


def test_the_api_holds_a_reply_and_lets_people_in_by_name(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    theirs = add_comment(ticket, "我自己好了", acting_user=cast.wangke, now=now)
    api, path = Api(cast.linzhixia), f"/tickets/{ticket.pk}/comments"
    held = api.post(path, {"body": "请再试", "seen_comment": 0})
    assert (held.status_code, held.json()["code"]) == (409, "unseen_reply")
    unseen = held.json()["unseen"]
    assert (unseen["id"], unseen["body"]) == (theirs.pk, "我自己好了")
    assert api.post(path, {"body": "请再试", "seen_comment": unseen["id"]}).status_code == 201
    asked = api.post(path, {"body": "@赵怡 请看"})
    assert (asked.status_code, asked.json()["code"]) == (409, "not_on_ticket")
    let_in = api.post(path, {"body": "@赵怡 请看", "invited": [cast.zhaoyi.pk]})
    assert let_in.json()["body"] == f"@[赵怡]({cast.zhaoyi.pk}) 请看"
    assert Comment.objects.filter(ticket=ticket).count() == 3
