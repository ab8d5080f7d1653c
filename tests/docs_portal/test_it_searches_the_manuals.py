"""Search in the manuals: exact, ranked, marked, one's own, and patient with slips of the keys."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from core.searchkey import normalised, terms
from docs_portal.actions import (
    PageDraft,
    RevisionDraft,
    create_page,
    publish_page,
    retire_page,
    save_revision,
)
from docs_portal.actions.indexing import wrong_sections
from docs_portal.models import Page, PageSection, SearchMiss
from docs_portal.rendering import marked, snippet
from docs_portal.search import PageFinder, Rank, distance, find_pages
from docs_portal.suggest import nearest_pages
from opsdesk.demo.cast import Cast

ClientOf = Callable[[User], Client]
Write = Callable[..., Page]
DAY = dt.date(2026, 11, 16)


@pytest.fixture
def write(cast: Cast, now: dt.datetime) -> Write:
    def written(title: str, body: str, roles: tuple[str, ...] = (), product: str = "crm") -> Page:
        page = create_page(
            PageDraft(
                product=cast.products[product], title=title, body=body,
                roles=[cast.roles[role] for role in roles], slug=title,
            ),
            acting_user=cast.shenyi, now=now,
        )  # fmt: skip
        return publish_page(page, acting_user=cast.shenyi, now=now)

    return written


def titles(user: User, query: str) -> list[str]:
    return [found.page.title for found in find_pages(user, query, DAY, corrects=False).found]


def test_titles_come_before_headings_before_texts(cast: Cast, write: Write) -> None:
    write("丁", "在正文里说到客户导出。")
    write("丙", "## 如何做客户导出\n\n点右上角。")
    write("客户导出的常见问题", "没有数据怎么办。")
    write("客户导出", "点右上角。")
    write("甲", "客户的事。\n\n## 另外\n\n导出的事。")
    assert titles(cast.liuyang, "客户导出") == ["客户导出", "客户导出的常见问题", "丙", "丁"]
    # Words apart may stand in different sections, but all on the page.
    assert titles(cast.liuyang, "导出 客户")[-1] == "甲"
    ranks = [found.rank for found in find_pages(cast.liuyang, "客户导出", DAY).found]
    assert ranks == [Rank.TITLED, Rank.TITLE, Rank.HEADING, Rank.TEXT]


def test_words_are_found_as_they_are_read_and_as_they_are_written(cast: Cast, write: Write) -> None:
    write("标记", "点击**保存**按钮，再看[帮助](https://example.com/kehu-zhinan) 中心。")
    write(
        "表格",
        "| 字段 | 说明 |\n|---|---|\n| 拜访日期 | 以 ＡＢＣ 计，繁體字 |\n\n"
        "```\nkubectl get pods\n```",
    )
    for query in ("点击保存按钮", "帮助中心", "看帮助", "kehu-zhinan"):
        expected = ["标记"] if query != "帮助中心" else []
        assert titles(cast.liuyang, query) == expected, query
    for query in ("拜访日期", "abc", "繁体", "get pods", "kubectl"):
        assert titles(cast.liuyang, query) == ["表格"], query


def test_a_section_of_another_role_is_nowhere(cast: Cast, write: Write) -> None:
    director, representative = cast.roles["crm_director"], cast.roles["crm_representative"]
    write(
        "拜访记录手册",
        "共同的话。\n\n::: for "
        + director.code
        + "\n## 审阅要点\n\n机密阈值 supercalifragil\n:::\n\n"
        "::: for " + representative.code + "\n## 填写要点\n\n照片必填\n:::\n",
    )
    for query in ("审阅要点", "机密阈值", "supercalifragil", "拜访记录手册 机密阈值"):
        assert titles(cast.wangke, query) == ["拜访记录手册"], query
        assert titles(cast.liuyang, query) == [], query
        assert titles(cast.shenyi, query) == ["拜访记录手册"], query
    # A slip of the keys leads nobody to words that are not theirs.
    assert find_pages(cast.wangke, "supercalifragli", DAY).corrected == "supercalifragil"
    assert find_pages(cast.liuyang, "supercalifragli", DAY).corrected == ""
    assert nearest_pages(cast.liuyang, "机密阈值", DAY) == []
    assert [page.title for page in nearest_pages(cast.wangke, "机密阈值审阅", DAY)] == [
        "拜访记录手册"
    ]
    found = find_pages(cast.wangke, "机密阈值", DAY).found[0]
    assert (found.section.heading, found.section.anchor) == ("审阅要点", "审阅要点")


def test_what_is_no_longer_published_is_no_longer_found(
    cast: Cast, write: Write, now: dt.datetime
) -> None:
    page = write("旧标题", "琥珀色按钮")
    save_revision(
        page, RevisionDraft(title="新标题", body="蓝色按钮", based_on=1),
        acting_user=cast.shenyi, now=now,
    )  # fmt: skip
    assert titles(cast.liuyang, "琥珀色") == ["旧标题"]
    publish_page(page, acting_user=cast.shenyi, now=now)
    assert (titles(cast.liuyang, "琥珀色"), titles(cast.liuyang, "蓝色按钮")) == ([], ["新标题"])
    assert list(wrong_sections()) == []
    retire_page(Page.objects.get(pk=page.pk), acting_user=cast.shenyi, now=now)
    assert titles(cast.liuyang, "蓝色按钮") == []
    assert not PageSection.objects.filter(page=page).exists()


def test_what_was_published_before_there_was_a_search_is_indexed_by_a_command(
    cast: Cast, write: Write
) -> None:
    write("客户导出", "点右上角。")
    PageSection.objects.all().delete()
    assert len(list(wrong_sections())) == 1
    call_command("index_pages", verbosity=0)
    assert list(wrong_sections()) == []
    assert titles(cast.liuyang, "右上角") == ["客户导出"]
    PageSection.objects.update(plain="别的")
    call_command("index_pages", verbosity=0)
    assert len(list(wrong_sections())) == 1
    call_command("index_pages", "--all", verbosity=0)
    assert list(wrong_sections()) == []


def test_a_slip_of_the_keys_is_forgiven_only_where_nothing_is_found(
    cast: Cast, write: Write, client_of: ClientOf
) -> None:
    write("Export customers", "Choose the format of the report.")
    write("Expert mode", "For administrators.")
    client = client_of(cast.emma)
    results = find_pages(cast.emma, "exprot customers", DAY)
    assert (results.corrected, len(results.found)) == ("export customers", 1)
    assert find_pages(cast.emma, "expert", DAY).corrected == ""
    assert find_pages(cast.emma, "formta", DAY).corrected == "format"
    write("导出Export客户", "中英文混写。")
    assert find_pages(cast.emma, "导出exprot", DAY).corrected == "导出export"
    assert find_pages(cast.emma, "exprot2016", DAY).found == []
    page = client.get(reverse("manual_search"), {"q": "exprot"}).content.decode()
    assert "“exprot”" in page
    assert "“export”" in page
    assert "<mark>Export</mark> customers" in page
    assert not SearchMiss.objects.exists()
    assert find_pages(cast.emma, "zzzzqqqq", DAY).found == []
    assert find_pages(cast.emma, "导初", DAY).found == []


def test_a_search_in_vain_is_kept_once_a_day(cast: Cast, write: Write, client_of: ClientOf) -> None:
    write("客户导出", "点右上角。")
    client, address = client_of(cast.liuyang), reverse("manual_search")
    for query in ("没有 这个词", "沒有　這個詞", "客户导出", "  "):
        assert client.get(address, {"q": query}).status_code == 200
    miss = SearchMiss.objects.get()
    assert (miss.query, miss.words, miss.user, miss.product) == (
        "没有 这个词", "没有 这个词", cast.liuyang, None,
    )  # fmt: skip
    client.get(address, {"q": "没有 这个词", "product": "crm"})
    assert [one.product for one in SearchMiss.objects.order_by("pk")] == [
        None, cast.products["crm"],
    ]  # fmt: skip


def test_the_page_narrows_and_turns(cast: Cast, write: Write, client_of: ClientOf) -> None:
    for number in range(23):
        write(f"页面{number}", "到处都有的话")
    write("别处", "到处都有的话", product="erp")
    client, address = client_of(cast.liuyang), reverse("manual_search")
    first = client.get(address, {"q": "到处都有"}).content.decode()
    links = re.findall(r'<a class="title" href="([^"]+)"', first)
    assert len(links) == 20
    assert "start=20" in first
    rest = client.get(address, {"q": "到处都有", "start": "20"}).content.decode()
    more = re.findall(r'<a class="title" href="([^"]+)"', rest)
    assert (len(more), set(more) & set(links)) == (4, set())
    narrow = client.get(address, {"q": "到处都有", "product": "erp"}).content.decode()
    assert re.findall(r'<a class="title" href="([^"]+)"', narrow) == [
        reverse("page", args=["erp", "别处"])
    ]
    for bad in ("-1", "x", "9" * 30, "²"):
        assert client.get(address, {"q": "到处", "start": bad}).status_code == 200


@given(
    texts=st.lists(
        st.text(alphabet="导出客户记录。，a1 \n#*-繁體Ａ", min_size=1, max_size=40), max_size=6
    ),
    query=st.text(alphabet="导出客户记录，a1繁", min_size=2, max_size=4),
)
def test_marks_stand_where_the_words_are(texts: list[str], query: str) -> None:
    words = terms(query)
    for text in texts:
        plain = re.sub(r"</?mark>", "", str(marked(text, words)))
        assert plain == text
        if len(words) == 1 and not words[0].prefix_only:
            has = words[0].word in normalised(text)
            assert ("<mark>" in marked(text, words)) == has or " " in normalised(text)


def test_marks_know_every_form_of_a_word() -> None:
    assert marked("導出＜客戶＞ EXPORT", terms("导出 export")) == (
        "<mark>導出</mark>＜客戶＞ <mark>EXPORT</mark>"
    )
    assert marked("<b>导出</b>", terms("导出")) == "&lt;b&gt;<mark>导出</mark>&lt;/b&gt;"
    text = "前言。" * 60 + "在这里导出客户。" + "结尾。" * 60
    assert "在这里<mark>导出</mark>" in snippet(text, terms("导出"))
    assert len(snippet(text, terms("导出"))) < 160


def test_slips_are_counted_with_swapped_neighbours() -> None:
    assert [distance(a, b) for a, b in (("export", "export"), ("exprot", "export"),
            ("exort", "export"), ("exxport", "export"), ("", "ab"), ("kitten", "sitting"))] == [
        0, 1, 1, 1, 2, 3,
    ]  # fmt: skip


def test_the_set_is_what_a_plain_scan_finds(cast: Cast, write: Write) -> None:
    write("客户 导出", "# 一\n\n客户导出\n## 导出客户\n记录")
    write("记录", "客户\n导出 客户记录导出")
    write("全部", "出客 户记")
    for query in ("客户", "导出", "出客", "户导", "客户记录", "记录导", "录客户", "户记"):
        wanted = {
            page.pk
            for page in Page.objects.select_related("published_revision")
            if page.published_revision
            and normalised(query) in normalised(page.title + "\n" + page.published_revision.body)
        }
        finder = PageFinder(cast.liuyang, query, DAY)
        assert set(finder.page_ids()) == wanted, query
        assert {found.page.pk for found in finder} == wanted, query
