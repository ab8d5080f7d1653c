"""Text as people write it: hostile Markdown made harmless, titles derived, files by content."""

from __future__ import annotations

import datetime as dt
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import example, given
from hypothesis import strategies as st

from core import files
from core.models import StoredFile
from core.text import TITLE_LENGTH, derived_title, excerpt, markdown_html

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    '[x](http://a "onmouseover=alert(1)")',
    "[x](http://a\"onmouseover='alert(1))",
    "<a href='javascript:alert(1)'>x</a>",
    "<iframe src=//evil></iframe>",
    "<style>*{display:none}</style>",
    "<base href=//evil>",
    "<form action=//evil><input name=p></form>",
    "<math><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=x&gt;'>",
    "<!--><img src=x onerror=alert(1)>-->",
    "```html\n<script>alert(1)</script>\n```",
    "`<script>`",
    "<details open ontoggle=alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "<javascript:alert(1)>",
    "a<br/onclick=x>b",
    "\x00<script>\x00alert(1)</script>",
]


class Reader(HTMLParser):
    """Collects the tags and attributes a browser would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags_of(source: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Reader()
    reader.feed(markdown_html(source))
    return reader.tags


HARMLESS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img",
    "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ADDRESS = re.compile(r"^(https?:|mailto:|[^:]*$|[/#?])", re.IGNORECASE)


def assert_harmless(source: str) -> None:
    for tag, attributes in tags_of(source):
        assert tag in HARMLESS, (tag, source)
        assert set(attributes) <= {"href", "title", "src", "alt", "start", "rel"}, attributes
        for name in ("href", "src"):
            if address := attributes.get(name):
                assert ADDRESS.match(address), (address, source)
        if tag == "a" and "href" in attributes:
            assert attributes["rel"] == "noopener noreferrer"


@pytest.mark.parametrize("source", HOSTILE)
def test_hostile_markdown(source: str) -> None:
    assert_harmless(source)


PIECES = st.sampled_from(
    [
        *HOSTILE,
        "[",
        "](",
        ")",
        "<",
        ">",
        "`",
        "\n",
        "|a|b|\n|-|-|\n",
        "http://a",
        "&lt;",
        '"',
        "*",
        "中",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
@example("[<script>](<javascript:x>)")
def test_any_mixture_is_harmless(source: str) -> None:
    assert_harmless(source)


def test_what_people_write_is_kept() -> None:
    html = markdown_html(
        "# 步骤\n\n1. 打开 **报表**\n2. 点 `导出`\n\n| 列 | 值 |\n|-|-|\n| a | 1 |"
    )
    for part in (
        "<h1>步骤</h1>",
        "<ol>",
        "<strong>报表</strong>",
        "<code>导出</code>",
        "<td>1</td>",
    ):
        assert part in html
    assert "<br>" in markdown_html("第一行\n第二行")
    assert "<img" in markdown_html("![图](https://a/b.png)")
    assert "<img" not in markdown_html("![图](https://a/b.png)", images=False)
    assert "&lt;b&gt;" in markdown_html("<b>")


@pytest.mark.parametrize(
    ("description", "title"),
    [
        ("提交后主管看不到。已经三天了", "提交后主管看不到"),
        ("# 导出报错\n步骤如下", "导出报错"),
        ("Export fails. It says E-4032.", "Export fails"),
        ("版本 3.2.1 打不开", "版本 3.2.1 打不开"),
        ("\n\n  \n真的不行！", "真的不行"),
        ("怎么导出客户？谢谢", "怎么导出客户？"),
        ("How do I export? Thanks.", "How do I export?"),
        ("？？？\n怎么办", "怎么办"),
        ("！！！\n救命", "救命"),
        ("…！", ""),
        ("😀", ""),
        ("", ""),
        ("字" * 100, "字" * (TITLE_LENGTH - 1) + "…"),
        # Marks in the middle are read once, however many: this took minutes.
        ("字" + "`" * 300_000 + "字", "字" + "`" * (TITLE_LENGTH - 2) + "…"),
    ],
)
def test_derived_titles(description: str, title: str) -> None:
    assert derived_title(description) == title


@given(st.text(max_size=300))
def test_a_title_is_one_short_line(description: str) -> None:
    title = derived_title(description)
    assert len(title) <= TITLE_LENGTH
    assert "\n" not in title
    assert title == title.strip()
    assert len(excerpt(description, 20)) <= 20


def test_the_same_bytes_stand_once(
    db: None, settings: Any, tmp_path: Path, now: dt.datetime
) -> None:
    settings.MEDIA_ROOT = tmp_path
    first = files.store(SimpleUploadedFile("a.png", b"same"), now=now)
    again = files.store(SimpleUploadedFile("../../etc/passwd", b"same"), now=now)
    other = files.store(SimpleUploadedFile("a.png", b"other"), now=now)
    assert first.pk == again.pk != other.pk
    assert StoredFile.objects.count() == 2
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2
    with files.open_stored(first) as opened:
        assert opened.read() == b"same"
    assert (first.size, other.size) == (4, 5)
    assert (tmp_path / first.path).is_file()
