"""A folder of Markdown becomes a manual; again, it updates; nothing is half-written."""

from __future__ import annotations

import base64
import datetime as dt
import io
import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from core.events import unfolded
from core.searchkey import normalised
from docs_portal.actions import RevisionDraft, publish_page, save_revision
from docs_portal.choices import PageStatus
from docs_portal.importing.dialect import converted
from docs_portal.models import ImportedPage, Page, PageFile
from docs_portal.policies.links import is_outside, links_in
from docs_portal.search import PageFinder
from opsdesk.demo.cast import Cast

DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
Run = Callable[..., str]


def picture() -> bytes:
    return base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )


FILES: Mapping[str, str | bytes] = {
    "index.md": "# 手册首页\n\n"
    "见[安装](install/)、[规则](guide/rules.md#审批-规则)和[没有](nope.md)。\n",
    "install/README.md": "# 安装\n\n![图](../img/a.png) ![缺](../img/gone.png)\n",
    "install/2-next.md": '# 第二步\n\n!!! warning "当心"\n    先备份。\n\n'
    "[外](https://example.com/a.md)\n",
    "install/10-last.md": "没有标题，<br>只有话。[上](../index.md#不存在)\n",
    "guide/rules.md": "---\ntitle: 规则\nkind: technical_guide\n---\n## 审批 规则\n\n话。\n",
    "guide/deep/[草稿] a.md": "# 深处\n\n[图](<../../img/a.png>) 与 `[码](nope.md)`\n",
    "img/a.png": b"",
    ".hidden/x.md": "# 看不见\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "manual"
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else picture())
    return root


@pytest.fixture
def run(cast: Cast) -> Run:
    def import_manual(folder: Path, *more: str, product: str = "crm", **options: Any) -> str:
        out = io.StringIO()
        call_command(
            "import_manual", str(folder), "--product", product, "--as", "shenyi",
            "--no-progress", *more, stdout=out, **options,
        )  # fmt: skip
        return out.getvalue()

    return import_manual


def by_path() -> dict[str, Page]:
    rows = ImportedPage.objects.select_related("page__published_revision", "page__parent")
    return {row.path: row.page for row in rows}


def body_of(page: Page) -> str:
    assert page.published_revision is not None
    return page.published_revision.body


def test_the_tree_the_links_and_the_pictures_come_along(folder: Path, run: Run) -> None:
    said = run(folder)
    pages = by_path()
    assert set(pages) == {
        "index.md", "install/README.md", "install/2-next.md", "install/10-last.md",
        "guide/", "guide/rules.md", "guide/deep/", "guide/deep/[草稿] a.md",
    }  # fmt: skip
    assert {path: page.title for path, page in pages.items()} == {
        "index.md": "手册首页", "install/README.md": "安装", "install/2-next.md": "第二步",
        "install/10-last.md": "last", "guide/": "guide", "guide/rules.md": "规则",
        "guide/deep/": "deep", "guide/deep/[草稿] a.md": "深处",
    }  # fmt: skip
    above = {path: page.parent.title if page.parent else "" for path, page in pages.items()}
    assert above["install/2-next.md"] == above["install/10-last.md"] == "安装"
    assert above["guide/deep/[草稿] a.md"] == "deep"
    assert above["guide/deep/"] == above["guide/rules.md"] == "guide"
    assert above["index.md"] == above["install/README.md"] == above["guide/"] == ""
    in_order = [page.title for page in Page.objects.filter(parent=pages["install/README.md"])]
    assert in_order == ["第二步", "last"]
    assert pages["guide/rules.md"].kind == "technical_guide"
    front = body_of(pages["index.md"])
    assert f"[安装](page:{pages['install/README.md'].pk})" in front
    assert f"[规则](page:{pages['guide/rules.md'].pk}#审批-规则)" in front
    assert "[没有](nope.md)" in front
    file = PageFile.objects.get(page=pages["install/README.md"])
    assert (file.name, file.content_type) == ("a.png", "image/png")
    assert f"![图](attachment:{file.pk})" in body_of(pages["install/README.md"])
    assert "::: warning 当心\n先备份。\n:::" in body_of(pages["install/2-next.md"])
    assert "[码](nope.md)" in body_of(pages["guide/deep/[草稿] a.md"])
    assert all(page.status == PageStatus.PUBLISHED for page in pages.values())
    assert all(unfolded(page) == {} for page in pages.values())
    assert f"- [规则](page:{pages['guide/rules.md'].pk})" in body_of(pages["guide/"])
    for trouble in ("index.md:3  nope.md", "install/README.md:3  ../img/gone.png",
                    "install/10-last.md:1  ../index.md#不存在"):  # fmt: skip
        assert trouble in said, said
    assert "8" in said


def test_again_it_changes_only_what_changed(folder: Path, run: Run, cast: Cast) -> None:
    run(folder)
    before = {path: (page.pk, page.version) for path, page in by_path().items()}
    run(folder)
    assert {path: (page.pk, page.version) for path, page in by_path().items()} == before
    (folder / "guide/rules.md").write_text("# 新规则\n\n## 审批 规则\n\n新的话。\n")
    (folder / "install/10-last.md").unlink()
    said = run(folder)
    after = by_path()
    changed = {path for path, page in after.items() if (page.pk, page.version) != before[path]}
    # The folder's own page lists the new title.
    assert changed == {"guide/rules.md", "guide/"}
    assert (after["guide/rules.md"].title, after["guide/rules.md"].slug) == (
        "新规则",
        "guide-rules",
    )
    assert after["guide/rules.md"].revisions.count() == 2
    assert "install/10-last.md" in said
    assert after["install/10-last.md"].status == PageStatus.PUBLISHED
    assert PageFile.objects.count() == 2


def test_what_was_edited_here_is_left_alone(
    folder: Path, run: Run, cast: Cast, now: dt.datetime
) -> None:
    run(folder)
    page = by_path()["guide/rules.md"]
    save_revision(
        page, RevisionDraft(title="规则", body="在这里改的。", based_on=1),
        acting_user=cast.shenyi, now=now,
    )  # fmt: skip
    publish_page(page, acting_user=cast.shenyi, now=now)
    (folder / "guide/rules.md").write_text("# 规则\n\n## 审批 规则\n\n文件夹里改的。\n")
    said = run(folder)
    assert body_of(by_path()["guide/rules.md"]) == "在这里改的。"
    assert "guide/rules.md" in said
    run(folder, "--overwrite")
    page = by_path()["guide/rules.md"]
    assert "文件夹里改的" in body_of(page)
    assert page.revisions.count() == 3


def test_a_rehearsal_writes_nothing(folder: Path, run: Run) -> None:
    said = run(folder, "--dry-run")
    assert not Page.objects.exists()
    assert not PageFile.objects.exists()
    real = run(folder)
    assert said.splitlines()[1:] == real.splitlines()


def test_subfolders_of_roles_share_addresses(folder: Path, run: Run, cast: Cast) -> None:
    director, representative = cast.roles["crm_director"], cast.roles["crm_representative"]
    for part in ("boss", "sales"):
        (folder / part).mkdir()
        (folder / part / "visits.md").write_text(
            f"# {part} 的拜访\n\n见[规则](../guide/rules.md)\n"
        )
    run(folder, "--role", f"boss={director.code}", "--role", f"sales={representative.code}")
    pages = by_path()
    assert pages["boss/visits.md"].slug == pages["sales/visits.md"].slug == "visits"
    assert list(pages["boss/visits.md"].roles.all()) == [director]
    assert list(pages["sales/"].roles.all()) == [representative]
    assert not pages["guide/rules.md"].roles.exists()
    day = dt.date(2026, 11, 16)
    titles = {
        person: {found.page.title for found in PageFinder(person, "的拜访", day)}
        for person in (cast.liuyang, cast.wangke)
    }
    assert titles == {
        cast.liuyang: {"sales", "sales 的拜访"}, cast.wangke: {"boss", "boss 的拜访"}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--product", "nope"], "nope"),
        (["--product", "crm", "--role", "nope"], "nope"),
        (["--product", "crm", "--role", "nowhere=sales-director"], "nowhere"),
        (["--product", "crm", "--as", "liuyang"], "liuyang"),
    ],
)
def test_what_is_said_wrongly_is_named(
    cast: Cast, folder: Path, arguments: list[str], named: str
) -> None:
    with pytest.raises(CommandError, match=named):
        call_command("import_manual", str(folder), *arguments, "--no-progress")
    assert not Page.objects.exists()


def test_a_bad_file_is_refused_and_the_others_come(folder: Path, run: Run) -> None:
    (folder / "bad.md").write_bytes(b"\xff\xfe\x00\x81\x81\xff")
    (folder / "roles.md").write_text('---\nroles: ["nobody"]\n---\n# 秘密\n')
    (folder / "part.md").write_text("# 部分\n\n::: for nobody\n秘密\n:::\n")
    (folder / "fake.md").write_text("# 假图\n\n![](img/fake.png)\n")
    (folder / "img/fake.png").write_bytes(b"<svg onload=alert(1)>")
    (folder / "out.md").write_text("# 出去\n\n![](../../secret.png) [x](../../etc/passwd)\n")
    (folder.parent / "secret.png").write_bytes(picture())
    said = run(folder)
    for path in ("bad.md", "roles.md", "part.md", "fake.md:3", "out.md:3"):
        assert path in said, said
    assert {"roles.md", "part.md", "bad.md"}.isdisjoint(by_path())
    assert {"fake.md", "out.md"} <= set(by_path())
    assert {file.name for file in PageFile.objects.all()} == {"a.png"}
    with pytest.raises(CommandError, match="nowhere"):
        run(folder / "nowhere")


def test_other_houses_markdown_becomes_ours() -> None:
    def made(text: str) -> str:
        return converted(text).body.strip()

    assert made('??? question "为什么"\n    一\n\n    - 二\n后') == (
        "::: note 为什么\n一\n\n- 二\n:::\n\n后"
    )
    assert made('=== "Linux"\n    ```sh\n    ls\n    ```\n=== "Mac"\n    没有') == (
        "**Linux**\n\n```sh\nls\n```\n\n**Mac**\n\n没有"
    )
    assert made("> [!CAUTION]\n> 当心\n> 二") == "::: warning\n当心\n二\n:::"
    assert made(":::caution 当心\n话\n:::") == "::: warning 当心\n话\n:::"
    assert made('<img src="a b.png" alt="图"/><br/>x <!-- 无 -->') == "![图](a%20b.png)  \nx"
    assert made('<a href="b.md">看<b>我</b></a><center>中</center>') == "[看**我**](b.md)中"
    assert made("| a<br>b | c |") == "| a b | c |"
    assert made("用 `<br>` 与 <PORT>\n\n```\n<img src=x> !!! note\n```") == (
        "用 `<br>` 与 <PORT>\n\n```\n<img src=x> !!! note\n```"
    )
    assert made('[x](a){: target="_blank"}\n\n[TOC]\n\n末') == "[x](a)\n\n末"


MANUALS = {
    "docs_dolphinscheduler_zh_en/zh": (118, ()),
    "docs_jumpserver_zh": (136, ("guide/admin=sales-director", "guide/user=sales-representative")),
    "docs_bkitsm_zh_en": (67, ()),
}


def assert_search_equals_a_scan(cast: Cast) -> None:
    """Ten terms drawn from the texts: the pages found are those a plain scan finds."""
    chance = random.Random(6)
    texts = {
        page.pk: f"{page.title}\n{body_of(page)}"
        for page in Page.objects.published().select_related("published_revision")
    }
    runs = sorted(
        {run for text in texts.values() for run in re.findall("[\u4e00-\u9fff]{4,}", text)}
    )
    normal = {pk: normalised(text) for pk, text in texts.items()}
    day = dt.date(2026, 11, 16)
    for _number in range(10):
        run = chance.choice(runs)
        length = chance.randint(2, 4)
        at = chance.randint(0, len(run) - length)
        term = run[at : at + length]
        wanted = {pk for pk, text in normal.items() if normalised(term) in text}
        finder = PageFinder(cast.shenyi, term, day)
        assert {found.page.pk for found in finder} == wanted, term
        assert set(finder.page_ids()) == wanted, term


@pytest.mark.slow
@pytest.mark.parametrize("name", MANUALS)
def test_a_real_manual_comes_whole(name: str, run: Run, cast: Cast, tmp_path: Path) -> None:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    count, roles = MANUALS[name]
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*.md")}
    assert len(files) == count
    errors = tmp_path / "errors.csv"
    more = [argument for role in roles for argument in ("--role", role)]
    said = run(folder, "--errors", str(errors), *more)
    pages = by_path()
    assert {path for path in pages if not path.endswith("/")} == files, said
    assert Page.objects.published().count() == len(pages)
    reported = errors.read_text(encoding="utf-8-sig")
    for path, page in pages.items():
        for link in links_in(body_of(page)):
            is_key = link.target.startswith(("page:", "attachment:"))
            if not is_key and not is_outside(link.target) and not link.target.startswith("#"):
                assert link.target in reported, (path, link)
    assert_search_equals_a_scan(cast)
    versions = set(Page.objects.values_list("pk", "version"))
    run(folder, *more)
    assert set(Page.objects.values_list("pk", "version")) == versions
