"""A page from its first line to its second acknowledgement, by four people in their browsers:
written with a picture and parts for two roles, reviewed, published, read, acknowledged, changed.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from core.tasks import deliver_outbox
from docs_portal.actions import set_writing_rules
from docs_portal.choices import ReviewRule
from docs_portal.models import (
    Manual,
    MustReadReader,
    MustReadRound,
    Page,
    PageFile,
    WritingDraft,
)
from opsdesk.demo.cast import Cast
from tests.axe import axe_faults
from tests.browser.people import NewContext, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOR_DIRECTOR, FOR_REPRESENTATIVE = "主管在周一审阅补录。", "代表在三天内补录。"


def text(director: str, representative: str) -> str:
    return (
        "漏填的拜访可以补录。\n\n"
        f"::: for {director}\n{FOR_DIRECTOR}\n:::\n\n"
        f"::: for {representative}\n{FOR_REPRESENTATIVE}\n:::\n\n"
        "::: warning\n补录不计入当周拜访量。\n:::\n"
    )


def review(reviewer: Person, title: str) -> None:
    """Open what waits, look at it, approve and publish."""
    reviewer.go("/writing/reviews/")
    reviewer.link(title, "main")
    reviewer.page.locator("button[name=answer][value=publish]").click()
    expect(reviewer.page).to_have_url(re.compile(r"/writing/reviews/$"))


def ask(writer: Person) -> None:
    form = writer.page.locator("form[action$='/review/']")
    form.locator("select[name=reviewer]").select_option(label="林知夏")
    form.get_by_role("button").click()
    expect(writer.page).to_have_url(re.compile(r"/writing/reviews/\d+/$"))


def test_a_page_is_written_reviewed_read_and_acknowledged_again(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    manual, _made = Manual.objects.get_or_create(
        product=cast.products["crm"], defaults={"title": "星图 CRM"}
    )
    set_writing_rules(manual, ReviewRule.MATERIAL, acting_user=cast.chenlu, now=now)
    people = {
        name: Person(new_context, live_server.url, name, "zh-CN")
        for name in ("shenyi", "linzhixia", "wangke", "liuyang")
    }
    writer, reviewer = people["shenyi"], people["linzhixia"]

    # Written: the outline of its kind, then a text of its own, with a picture pasted into it.
    writer.go("/writing/new/crm/").locator("[name=title]").fill("补录拜访记录")
    writer.page.locator("[name=slug]").fill("late-visits")
    writer.page.locator("main form button[data-kind=primary]").click()
    field = writer.page.locator("#writing textarea[name=body]")
    expect(field).to_have_value(re.compile("##"))
    field.fill(text(cast.roles["crm_director"].code, cast.roles["crm_representative"].code))
    expect(writer.page.locator("#preview .callout")).to_contain_text("补录不计入当周拜访量")
    field.press("Control+End")
    writer.paste_picture(field, "补录入口.png")
    expect(field).to_have_value(re.compile(r"!\[补录入口\]\(/manuals/files/\d+/"))
    expect(writer.page.locator("#preview img")).to_have_js_property("complete", True)
    assert axe_faults(writer.page) == []
    # The draft is kept before anything is saved, and is there again after a reload.
    expect(writer.page.locator("[data-draft-said]")).to_have_text("草稿已保存")
    written = field.input_value()
    writer.page.reload()
    expect(field).to_have_value(written)
    writer.page.locator("#writing footer button[data-kind=primary]").click()
    page = Page.objects.get(slug="late-visits")
    expect(writer.page.locator("form[action$='/publish/']")).to_have_count(0)
    assert not WritingDraft.objects.exists()
    picture = PageFile.objects.get()
    assert f"(attachment:{picture.pk})" in page.revisions.get(number=2).body

    # Reviewed and published; asked of whoever reads it.
    ask(writer)
    review(reviewer, "补录拜访记录")
    writer.go(f"/writing/{page.pk}/must-read/")
    form = writer.page.locator("form:has([name=due_on])")
    form.locator("[name=due_on]").fill((timezone.localdate() + dt.timedelta(days=7)).isoformat())
    form.locator("button[data-kind=primary]").click()
    expect(writer.page.locator("form[action$='/must-read/remind/']")).to_be_visible()
    deliver_outbox()

    # Each role reads its own at the same address, picture included.
    for name, mine, theirs in (
        ("wangke", FOR_DIRECTOR, FOR_REPRESENTATIVE), ("liuyang", FOR_REPRESENTATIVE, FOR_DIRECTOR),
    ):  # fmt: skip
        reader = people[name]
        reader.go("/manuals/crm/late-visits/")
        reader.sees(mine)
        assert theirs not in reader.page.content()
        shown = reader.page.locator(".prose img")
        shown.scroll_into_view_if_needed()
        expect(shown).to_have_js_property("complete", True)
        assert shown.evaluate("image => image.naturalWidth") > 0
    director = people["wangke"]
    director.go("/manuals/crm/late-visits/").locator("form.ack button").click()
    expect(director.page.locator("form.ack")).to_have_count(0)
    first = MustReadReader.objects.get(acknowledged_at__isnull=False)
    assert (first.user, first.revision and first.revision.number) == (cast.wangke, 2)

    # A material change is reviewed, published and asks again; the old record stays.
    writer.go(f"/writing/{page.pk}/")
    field.press("Control+End")
    field.type("\n\n超过三天请找主管。")
    expect(writer.page.locator("#preview")).to_contain_text("超过三天请找主管")
    writer.page.locator("[name=note]").fill("写明超过三天怎么办")
    writer.page.locator("#writing footer button[data-kind=primary]").click()
    ask(writer)
    review(reviewer, "补录拜访记录")
    director.go("/manuals/crm/late-visits/")
    director.sees("超过三天请找主管")
    director.page.locator("form.ack button").click()
    expect(director.page.locator("form.ack")).to_have_count(0)
    assert MustReadRound.objects.count() == 2
    kept = MustReadReader.objects.filter(user=cast.wangke, acknowledged_at__isnull=False)
    assert list(kept.order_by("pk").values_list("revision__number", flat=True)) == [2, 3]
    assert kept.order_by("pk")[0].acknowledged_at == first.acknowledged_at
    assert {name: person.faults for name, person in people.items() if person.faults} == {}


#: Sending the form may cut off a draft on its way; its text is kept on the device then.
CUT_OFF = """() => {
  const { dataset, elements } = document.querySelector("#writing");
  const kept = JSON.stringify({ text: elements.body.value, revision: 0 });
  localStorage.setItem(`draft:${dataset.person}:${dataset.ticket}:public`, kept);
}"""


def test_two_writers_see_both_sides_in_the_editor(
    cast: Cast, now: dt.datetime, live_server: LiveServer, new_context: NewContext
) -> None:
    one = Person(new_context, live_server.url, "shenyi", "zh-CN")
    two = Person(new_context, live_server.url, "zhoumin", "zh-CN")
    one.go(
        "/writing/new/crm/?title=%E5%AF%BC%E5%87%BA&body=%E7%AC%AC%E4%B8%80%E6%AE%B5%0A%0A%E6%9C%AB%E6%AE%B5"
    )
    one.page.locator("main form button[data-kind=primary]").click()
    expect(one.page.locator("#writing")).to_be_visible()
    path = one.page.url.removeprefix(live_server.url)
    two.go(path)
    for person, changed in ((one, "第一段改\n\n末段"), (two, "第一段\n\n末段改")):
        person.page.locator("#writing textarea[name=body]").fill(changed)
        person.page.evaluate(CUT_OFF)
        person.page.locator("#writing footer button[data-kind=primary]").click()
        if person is one:
            # Saved before the other one saves.
            expect(person.page.locator("a[href$='/history/']").first).to_contain_text("2")
    stale = two.page.locator("[data-stale]")
    expect(stale).to_contain_text("沈奕")
    expect(stale).to_be_focused()
    expect(two.page.locator("#writing textarea[name=body]")).to_have_value("第一段改\n\n末段改")
    assert axe_faults(two.page) == []
    two.page.locator("#writing footer button[data-kind=primary]").click()
    expect(stale).to_have_count(0)
    bodies = Page.objects.get(title="导出").revisions.order_by("number")
    both = "第一段改\n\n末段改"
    assert [row.body for row in bodies] == ["第一段\n\n末段", "第一段改\n\n末段", both]
    assert one.faults == two.faults == []
