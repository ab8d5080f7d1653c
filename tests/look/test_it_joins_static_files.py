"""What the browser gets: one style sheet, hashed modules, one sprite."""

from __future__ import annotations

import re
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings

from core import icons
from core.static_files import bundle

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "core.static_files.BundledStaticFilesStorage"},
}


def test_it_puts_each_file_in_its_layer() -> None:
    files = {
        "a.css": "/* why */\n.a {\n  color: red;\n}\n",
        "b/c.css": ".c > .d,\n.e { margin: 0 1px; }",
    }
    sheet = '@layer x, y;\n@import url("a.css") layer(x);\n@import url("b/c.css") layer(y);\n'
    assert bundle(sheet, files.__getitem__) == (
        "@layer x,y;@layer x{.a{color:red}}@layer y{.c > .d,.e{margin:0 1px}}\n"
    )


def test_it_collects_one_sheet_twice_the_same(tmp_path: Path) -> None:
    with override_settings(STATIC_ROOT=str(tmp_path), STORAGES=STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0)
        first = {file.name for file in (tmp_path / "css").glob("app.*.css")}
        call_command("collectstatic", interactive=False, verbosity=0)
    (sheet,) = (tmp_path / "css").glob("app.*.css")
    assert {sheet.name} == first
    text = sheet.read_text()
    assert "@import" not in text
    assert ".contract" in text
    assert len(text) < 64_000
    (app,) = (tmp_path / "js").glob("app.*.js")
    modules = re.findall(r'import "\./([^"]+)"', app.read_text())
    assert modules
    assert all((tmp_path / "js" / module).is_file() for module in modules)
    assert all(re.fullmatch(r"[a-z]+\.[0-9a-f]{12}\.js", module) for module in modules)
    assert list((tmp_path / "img").glob("icons.*.svg"))


def test_it_draws_every_icon_of_the_list_in_the_sprite() -> None:
    ids = set(re.findall(r'<symbol id="([^"]+)"', icons.sprite()))
    assert ids == {*icons.NAMES, "mark", *(f"lv{level}" for level in icons.LEVELS)}
    stairs = re.findall(r'<symbol id="lv(\d)".*?</symbol>', icons.sprite())
    assert [int(level) for level in stairs] == list(icons.LEVELS)
    filled = {
        level: icons.sprite().split(f'id="lv{level}"')[1].split("</symbol>")[0].count("opacity")
        for level in icons.LEVELS
    }
    assert filled == {1: 4, 2: 3, 3: 2, 4: 1, 5: 0}
