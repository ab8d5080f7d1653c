"""A manual leaves as Markdown that comes back the same, and as paper with nothing of others."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from catalog.models import ProductRole
from core import printing
from docs_portal.access import reader_of
from docs_portal.actions import (
    PageDraft,
    RevisionDraft,
    add_page_file,
    create_page,
    publish_page,
    save_revision,
)
from docs_portal.models import Page
from docs_portal.rendering import papers
from opsdesk.demo.cast import Cast

ClientOf = Callable[[User], Client]
DAY = dt.date(2026, 11, 16)
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def manual(cast: Cast, now: dt.datetime) -> dict[str, Page]:
    """A small manual: a tree, links, a picture, parts and pages of roles, a draft."""
    writer, product = cast.shenyi, cast.products["crm"]

    def written(title: str, slug: str, body: str, **more: Any) -> Page:
        draft = PageDraft(product=product, title=title, body=body, slug=slug, **more)
        return create_page(draft, acting_user=writer, now=now)

    director, seller = cast.roles["crm_director"], cast.roles["crm_representative"]
    pages = {"front": written("手册 [一]", "front", "正文", kind="introduction")}
    front = pages["front"]
    pages["visits"] = written(
        "拜访", "visits",
        f"# 拜访的一级标题\n\n见[首页](page:{front.pk})。\r\n\r\n"
        "::: tip 窍门\n**先**看`代码`\n:::\n\n"
        f"::: for {director.code}\n## 审阅\n\n主管的话\n:::\n\n"
        "| 甲 | 乙 |\n|---|--:|\n| 1 | 2 |\n\n"
        "1. 一\n   - 二\n\n> 引\n\n```python\nprint('x')\n```\n\n---\n\n~~旧~~ *斜*",
        parent=front,
    )  # fmt: skip
    file = add_page_file(
        pages["visits"], SimpleUploadedFile("图 (1).png", PIXEL), acting_user=writer, now=now
    )
    save_revision(
        front,
        RevisionDraft(
            title="手册 [一]", based_on=1,
            body=f"见[拜访](page:{pages['visits'].pk}#审阅)。\n\n![图](attachment:{file.pk})\n\n\n\n\n末",
        ),
        acting_user=writer, now=now,
    )  # fmt: skip
    pages["mine"] = written("销售的页", "shared", "只给销售", roles=[seller], parent=front)
    pages["theirs"] = written("主管的页", "shared", "只给主管", roles=[director], parent=front)
    for page in pages.values():
        publish_page(page, acting_user=writer, now=now)
    pages["draft"] = written("草稿", "draft", "没写完")
    return {name: Page.objects.get(pk=page.pk) for name, page in pages.items()}


def exported(tmp_path: Path, name: str = "out") -> Path:
    archive = tmp_path / f"{name}.zip"
    call_command("export_manual", str(archive), "--product", "crm", verbosity=0)
    folder = tmp_path / name
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
    return folder


def imported(folder: Path, product: str) -> str:
    out = io.StringIO()
    call_command(
        "import_manual", str(folder), "--product", product, "--as", "shenyi", "--no-progress",
        stdout=out,
    )  # fmt: skip
    return out.getvalue()


def test_what_left_comes_back_the_same(
    manual: Mapping[str, Page], cast: Cast, tmp_path: Path
) -> None:
    folder = exported(tmp_path)
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {name for name in names if name.endswith(".md")} == {
        "front/index.md", "front/visits.md", "front/shared.md", "front/shared.sales-director.md",
        "draft.md",
    }  # fmt: skip
    assert len(names) == 6
    text = (folder / "front/index.md").read_text()
    assert "[拜访](visits.md#" in text
    assert "page:" not in text.partition("\n---\n")[2]
    before = set(Page.objects.values_list("pk", "version"))
    said = imported(folder, "crm")
    assert set(Page.objects.values_list("pk", "version")) == before, said


def test_it_is_the_same_manual_in_another_product(
    manual: Mapping[str, Page], cast: Cast, tmp_path: Path
) -> None:
    for code in ("sales-director", "sales-representative"):
        ProductRole.objects.create(product=cast.products["erp"], code=code, name=code)
    folder = exported(tmp_path)
    said = imported(folder, "erp")
    assert "refused" in said or "5" in said
    fields = ("title", "slug", "kind", "status", "position")

    def told(product: str) -> list[tuple[Any, ...]]:
        pages = Page.objects.filter(manual__product=cast.products[product])
        return [
            (
                *(getattr(page, field) for field in fields if field != "position"),
                page.parent.title if page.parent else "",
                sorted(role.code for role in page.roles.all()),
                page.files.count(),
            )
            for page in pages.order_by("title")
        ]

    assert len(told("erp")) == 5
    # The picture was kept with another page than shows it; it now lies with the one that does.
    assert [row[:-1] for row in told("erp")] == [row[:-1] for row in told("crm")]
    again = exported(tmp_path, "again")
    assert (again / "front/visits.md").read_bytes() == (folder / "front/visits.md").read_bytes()


def words(reader_user: User, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> str:
    kept: dict[str, Any] = {}

    def keep(name: str, data: dict[str, Any], files: dict[str, bytes]) -> bytes:
        kept.update(data, files=sorted(files))
        return b""

    monkeypatch.setattr(printing, "pdf", keep)
    papers.manual_pdf(reader_of(reader_user, cast.products["crm"], DAY))
    return json.dumps(kept, ensure_ascii=False, default=str)


def test_paper_has_only_what_its_reader_may_see(
    manual: Mapping[str, Page], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller = words(cast.liuyang, cast, monkeypatch)
    director = words(cast.wangke, cast, monkeypatch)
    writer = words(cast.shenyi, cast, monkeypatch)
    for text, title in (("只给销售", "销售的页"), ("只给主管", "主管的页"), ("主管的话", "审阅")):
        mine = seller if "销售" in text else director
        other = director if "销售" in text else seller
        assert text in mine
        assert title in mine
        assert text not in other
        assert f'"{title}"' not in other
        assert text in writer
    assert "没写完" not in seller + director + writer
    assert "picture-" in seller


def test_paper_is_set_and_served(
    manual: Mapping[str, Page], cast: Cast, client_of: ClientOf
) -> None:
    client = client_of(cast.liuyang)
    whole = client.get(reverse("manual_pdf", args=["crm"]))
    assert whole.status_code == 200
    assert whole.content.startswith(b"%PDF-")
    page = client.get(reverse("page_pdf", args=["crm", "visits"]))
    assert (page.status_code, page["Content-Type"]) == (200, "application/pdf")
    assert client.get(reverse("page_pdf", args=["crm", "draft"])).status_code == 404
    assert (
        client.get(reverse("manual_pdf", args=["crm"]), {"as": "sales-director"}).status_code == 403
    )


def test_a_paper_nobody_could_wait_for_is_refused_by_its_length(
    manual: Mapping[str, Page], cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "TEXT_MAX", 50)
    client = client_of(cast.liuyang)
    answer = client.get(reverse("manual_pdf", args=["crm"]), headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 422
    assert "50" in answer.content.decode()
    assert "逐篇打印" in answer.content.decode()
    assert client.get(reverse("page_pdf", args=["crm", "shared"])).status_code == 200


def test_only_writers_take_a_manual_along(
    manual: Mapping[str, Page], cast: Cast, client_of: ClientOf
) -> None:
    address = reverse("manual_export", args=["crm"])
    answer = client_of(cast.shenyi).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as archive:
        assert "front/index.md" in archive.namelist()
    assert client_of(cast.liuyang).get(address).status_code == 404


def test_no_text_and_no_picture_of_a_page_stops_its_paper(cast: Cast, now: dt.datetime) -> None:
    """Stars nest without end; a picture is broken behind its head, or asks for gigabytes."""
    product, writer = cast.products["crm"], cast.shenyi
    stars = "*a **b " * 300 + "b** a*" * 300
    quotes = "\n\n".join("> " * 40 + f"- **{n}** `x`" for n in range(3))
    draft = PageDraft(product=product, title="怪", body="正文", slug="odd")
    page = create_page(draft, acting_user=writer, now=now)
    huge = PIXEL[:16] + struct.pack(">II", 60_000, 60_000) + PIXEL[24:]
    files = [
        add_page_file(page, SimpleUploadedFile(name, content), acting_user=writer, now=now)
        for name, content in (("好.png", PIXEL), ("断.png", PIXEL[:40]), ("大.png", huge))
    ]
    pictures = "\n\n".join(f"![{file.name}](attachment:{file.pk})" for file in files)
    body = f"{stars}\n\n{quotes}\n\n{pictures}"
    revision = RevisionDraft(title="怪", body=body, based_on=1)
    save_revision(page, revision, acting_user=writer, now=now)
    page = publish_page(page, acting_user=writer, now=now)

    assert papers.page_pdf(reader_of(cast.wangke, product, DAY), page).startswith(b"%PDF-")
