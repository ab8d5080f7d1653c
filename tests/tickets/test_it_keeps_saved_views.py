"""Saved views: personal and shared, counted or on request, undone, and what they name may go."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from catalog.models import Grant
from core.errors import BadInput
from core.events import unfolded
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import submitted
from tickets.actions import (
    assign_ticket,
    copy_view,
    create_view,
    delete_view,
    edit_view,
    restore_view,
    tag_ticket,
)
from tickets.models import SavedView, Ticket
from tickets.search.limits import TooLong, at_most
from tickets.search.listing import Listing
from tickets.search.queues import counts_of
from tickets.search.views import counted, views_of

ClientOf = Callable[..., Client]


def _open(*filters: str, **more: Any) -> Listing:
    return Listing(queue="all", filters=("status:any:new,open", *filters), **more)


def _views(page: Any) -> dict[str, Any]:
    return {item["view"].name: item for item in page.context["views"]}


def test_a_view_is_saved_from_the_list_that_is_shown(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    tagged, other = submitted(cast, now), submitted(cast, now)
    tag_ticket(tagged, add=["月结"], acting_user=cast.linzhixia, now=now)
    client = client_of(cast.linzhixia)
    address = "?queue=all&f=status:any:new,open&f=tags:any:月结&sort=due&columns=requester,tags"
    client.post(reverse("view_new") + address, {"name": "月结跟进", "is_pinned": "on"})
    view = SavedView.objects.get()
    assert view.filters == ["status:any:new,open", "tags:any:月结"]
    assert (view.sort, view.columns, view.is_pinned) == ("due", ["requester", "tags"], True)
    assert unfolded(view) == {}
    page = client.get(reverse("desk"), {"view": view.pk})
    assert page.context["ids"] == [tagged.pk]
    assert f'id="row-{other.pk}"' not in page.content.decode()
    assert _views(page)["月结跟进"]["count"] == 1


def test_counts_of_views_equal_their_lists_for_whoever_looks(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    tickets = [submitted(cast, now) for _n in range(3)]
    assign_ticket(tickets[0], cast.zhoumin, acting_user=cast.linzhixia, now=now)
    for name, listing in {
        "mine": _open("assignee:is:me"), "free": _open("assignee:empty"),
        "new today": _open("submitted:within:today"), "late": _open("sla:is:overdue"),
        "hours": _open("hours_left:atmost:4"), "words": _open(query="拜访"),
    }.items():  # fmt: skip
        create_view(name, listing, is_for_everyone=True, acting_user=cast.linzhixia, now=now)
    for person in (cast.linzhixia, cast.zhoumin):
        client = client_of(person)
        for view in SavedView.objects.all():
            page = client.get(reverse("desk"), {"view": view.pk})
            assert _views(page)[view.name]["count"] == page.context["row_count"], view.name


def test_a_changed_view_asks_another_question(cast: Cast, now: dt.datetime) -> None:
    submitted(cast, now)
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    view = create_view("x", _open("level:is:1"), **by)
    key = f"view-{view.pk}"
    assert counts_of(cast.linzhixia, now, (), [view])[key] == 1
    view = edit_view(view, listing=_open("level:is:2"), **by)
    assert counts_of(cast.linzhixia, now, (), [view])[key] == 0


def test_over_everything_is_slow_and_counted_on_request(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    submitted(cast, now)
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    slow = create_view("everything", Listing(queue="all", filters=("priority:atleast:3",)), **by)
    quick = create_view("open", _open(), **by)
    assert (slow.is_slow, quick.is_slow) == (True, False)
    assert counted(views_of(cast.linzhixia)) == [quick]
    client = client_of(cast.linzhixia)
    shown = _views(client.get(reverse("desk")))
    assert shown["everything"]["count"] is None
    assert shown["open"]["count"] == 1
    answer = client.get(reverse("view_count", args=[slow.pk]), headers={"HX-Request": "true"})
    assert ">1<" in answer.content.decode()


def test_what_takes_too_long_is_stopped_and_the_transaction_goes_on(cast: Cast) -> None:
    with pytest.raises(TooLong) as stopped, at_most(20), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(3)")
    assert stopped.value.problems[0].remedy
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("20ms",)


def test_a_list_that_takes_too_long_says_so(
    cast: Cast, now: dt.datetime, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(cast, now)
    client, address = client_of(cast.linzhixia), {"queue": "all", "sort": "updated"}
    assert client.get(reverse("desk"), address).context["row_count"] == 1

    def sleep(*_given: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(3)")

    monkeypatch.setattr("tickets.views.lists.page_of", sleep)
    monkeypatch.setattr("tickets.views.lists.WAITED_FOR", 20)
    page = client.get(reverse("desk"), address)
    assert page.status_code == 200
    assert str(page.context["too_long"].remedy) in page.content.decode()


def test_who_sees_and_changes_a_shared_view(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    team = cast.teams["operations"]
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    own = create_view("own", _open(), **by)
    shared = create_view("shared", _open(), team_ids=[team.pk], **by)
    assert {v.name for v in views_of(cast.linzhixia)} == {"own", "shared"}
    assert {v.name for v in views_of(cast.zhoumin)} == {"shared"}
    colleague, administrator = client_of(cast.zhoumin), client_of(cast.chenlu)
    for view, client, status in (
        (own, colleague, 404), (shared, colleague, 403), (shared, administrator, 302),
        (own, administrator, 404), (own, client_of(cast.wangke), 403),
        (own, client_of(cast.linzhixia), 302),
    ):  # fmt: skip
        answer = client.post(reverse("view_edit", args=[view.pk]), {"name": view.name})
        assert answer.status_code == status, (view.name, status)
    gone = client_of(cast.zhoumin).get(reverse("desk"), {"view": own.pk})
    assert gone.status_code == 200
    assert [problem.field for problem in gone.context["problems"]] == ["view"]


def test_deleting_is_undone_and_names_are_ones_own(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    view = create_view("重点", _open(), **by)
    client = client_of(cast.linzhixia)
    client.post(reverse("view_delete", args=[view.pk]), {"version": view.version})
    assert views_of(cast.linzhixia) == []
    client.post(reverse("view_restore", args=[view.pk]))
    assert [v.name for v in views_of(cast.linzhixia)] == ["重点"]
    with pytest.raises(BadInput) as refused:
        create_view("重点", _open(), **by)
    assert refused.value.problems[0].field == "name"
    copied = copy_view(view, **by)
    assert copied.name != view.name
    assert Listing.of_view(copied) == Listing.of_view(view)
    deleted = delete_view(copied, **by)
    assert restore_view(deleted, **by).is_active
    assert create_view("重点", _open(), acting_user=cast.zhoumin, now=now).pk


def test_a_view_says_what_it_names_and_is_gone(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    submitted(cast, now)
    view = create_view(
        "CRM 由周敏", _open("product:is:crm", "assignee:not:zhoumin"),
        acting_user=cast.linzhixia, now=now,
    )  # fmt: skip
    client = client_of(cast.linzhixia)
    assert not client.get(reverse("desk"), {"view": view.pk}).context["notes"]
    type(cast.products["crm"]).objects.filter(code="crm").update(is_active=False)
    type(cast.zhoumin).objects.filter(pk=cast.zhoumin.pk).update(is_active=False)
    page = client.get(reverse("desk"), {"view": view.pk})
    assert page.context["row_count"] == 1
    assert len(page.context["notes"]) == 2
    SavedView.objects.filter(pk=view.pk).update(filters=["product:is:sold"], version=9)
    page = client.get(reverse("desk"), {"view": view.pk})
    assert page.status_code == 200
    assert [problem.field for problem in page.context["problems"]] == ["product"]


@pytest.mark.parametrize(
    ("listing", "settings", "field"),
    [
        (Listing(filters=("colour:is:red",)), {}, "colour"),
        (Listing(sort="beauty"), {}, "sort"),
        (Listing(group="beauty"), {}, "group"),
        (Listing(columns=("beauty",)), {}, "columns"),
        (Listing(queue="nope"), {}, "queue"),
        (Listing(layout="circle"), {}, "layout"),
        (Listing(), {"name": "  "}, "name"),
        (Listing(), {"name": "x" * 61}, "name"),
        (Listing(), {"team_ids": [999999]}, "team_ids"),
    ],
)
def test_what_makes_no_view_is_refused_by_name(
    cast: Cast, now: dt.datetime, listing: Listing, settings: dict[str, Any], field: str
) -> None:
    given = {"name": "v", **settings}
    with pytest.raises(BadInput) as refused:
        create_view(listing=listing, acting_user=cast.linzhixia, now=now, **given)
    assert refused.value.problems[0].field == field
    assert create_view("v", Listing(), acting_user=cast.linzhixia, now=now).pk


def test_a_filter_never_shows_more_than_the_desk_may(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    """Emma is agent of ERP only; a confidential ticket stays out of every list of others."""
    Grant.objects.create(user=cast.emma, role="agent", product=cast.products["erp"])
    crm = submitted(cast, now)
    secret = submitted(cast, now, product=cast.products["erp"])
    plain = submitted(cast, now, product=cast.products["erp"])
    Ticket.objects.filter(pk=secret.pk).update(confidential=True)
    address = {"queue": "all", "f": ["status:any:new,open", "confidential:is:no"]}
    shown = client_of(cast.emma).get(reverse("desk"), address).context["ids"]
    assert shown == [plain.pk]
    for text in ("product:is:crm", "confidential:is:yes", "text:contains:拜访"):
        page = client_of(cast.emma).get(reverse("desk"), {"queue": "all", "f": text})
        assert not {crm.pk, secret.pk} & set(page.context["ids"]), text


def test_conditions_are_added_changed_and_taken_away(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    submitted(cast, now)
    client = client_of(cast.linzhixia)
    form = reverse("desk_filter")
    assert client.get(form, {"queue": "all"}).status_code == 200
    add = {"queue": "all", "f": "level:is:1", "field": "status", "operator": "any", "apply": "1"}
    added = client.get(form, {**add, "value": ["new", "open"]}, follow=True)
    assert added.context["place"].listing.filters == ("level:is:1", "status:any:new,open")
    changed = client.get(
        form,
        {**add, "f": ["level:is:1", "status:is:new"], "was": "status:is:new", "value": ["open"]},
        follow=True,
    )
    assert changed.context["place"].listing.filters == ("level:is:1", "status:is:open")
    wrong = client.get(form, {**add, "field": "updated", "operator": "within", "value": "someday"})
    assert wrong.status_code == 422
    assert "someday" in wrong.content.decode()
    chip = changed.context["chips"][0]
    assert client.get(chip["remove_url"]).context["place"].listing.filters == ("status:is:open",)
    page = client.get(reverse("desk"), {"f": ["colour:is:red", "level:is:1"]})
    assert page.status_code == 200
    assert page.context["row_count"] == 1
    assert [problem.field for problem in page.context["problems"]] == ["colour"]


def test_the_table_shows_the_chosen_columns_and_groups(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = submitted(cast, now)
    tag_ticket(ticket, add=["月结"], acting_user=cast.linzhixia, now=now)
    client = client_of(cast.linzhixia)
    words = {"queue": "all", "layout": "table", "columns": "tags,requester", "group": "level"}
    page = client.get(reverse("desk"), words).content.decode()
    assert "<td>月结</td><td>王珂</td>" in page
    assert 'scope="rowgroup"' in page
    answer = client.get(
        reverse("desk_display"),
        {"queue": "all", "layout": "list", "columns": ["tags"], "sort": "due", "turned": "on",
         "group": "", "apply": "1"}, follow=True,
    )  # fmt: skip
    listing = answer.context["place"].listing
    assert (listing.sort, listing.columns, listing.layout) == ("-due", ("tags",), "list")
    assert "月结" in answer.content.decode()
