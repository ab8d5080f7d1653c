"""Colours live in tokens.css, strict CSP holds, every sheet is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stack.places import PROJECT

CSS = PROJECT / "static" / "css"
SHEETS = sorted(CSS.rglob("*.css"))
TEMPLATES = sorted((PROJECT / "templates").rglob("*.html"))
MODULES = sorted((PROJECT / "static" / "js").rglob("*.js"))

COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|rgba|hsl|hsla|oklch|oklab|lab|lch|light-dark)\(", re.IGNORECASE
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


@pytest.mark.parametrize("sheet", SHEETS, ids=name)
def test_it_takes_colours_from_the_tokens(sheet: Path) -> None:
    if sheet.name == "tokens.css":
        return
    assert COLOUR.findall(COMMENT.sub("", sheet.read_text())) == []


def test_it_defines_every_variable_it_reads() -> None:
    text = COMMENT.sub("", "".join(sheet.read_text() for sheet in SHEETS))
    drawings = (PROJECT / "core" / "icons.py").read_text()
    defined = set(re.findall(r"(--[a-z0-9-]+)\s*:", text))
    used = set(re.findall(r"var\((--[a-z0-9-]+)", text + drawings))
    assert used - defined == set()
    assert defined - used == set(), "defined and never read"


def test_it_links_every_sheet_once() -> None:
    app = (CSS / "app.css").read_text()
    imported = re.findall(r'@import url\("([^"]+)"\) layer\([a-z]+\);', app)
    assert len(imported) == len(set(imported))
    by_page = {
        found
        for template in TEMPLATES
        for found in re.findall(r'static "css/([^"]+)"', template.read_text())
    }
    known = {*imported, *by_page}
    assert known == {str(sheet.relative_to(CSS)) for sheet in SHEETS}


@pytest.mark.parametrize("template", TEMPLATES, ids=name)
def test_it_needs_no_inline_style_or_script(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert "hx-on" not in text
    assert "javascript:" not in text
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script, script


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_it_writes_no_html_from_scripts(module: Path) -> None:
    text = module.read_text()
    for way in (".innerHTML", ".outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert way not in text
