"""PDF: words of people are data and never markup; a machine without a font says what would do."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import printing

HOSTILE = '#read("/etc/passwd") $x$ *bold* 你好 <label> \\ "'


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of templates with nothing but the house's own."""
    for shared in printing.SHARED:
        (tmp_path / shared).write_bytes((printing.TEMPLATES / shared).read_bytes())
    monkeypatch.setattr(printing, "TEMPLATES", tmp_path)
    return tmp_path


def test_words_of_people_are_no_markup(templates: Path) -> None:
    (templates / "letter.typ").write_text(
        '#import "house.typ": *\n#show: house.with(title: data.title)\n= #data.title\n#data.text'
    )
    made = printing.pdf("letter.typ", {"title": HOSTILE, "text": HOSTILE * 20})
    assert made.startswith(b"%PDF-")


def test_a_broken_template_is_our_fault_and_says_where(templates: Path) -> None:
    (templates / "broken.typ").write_text('#import "house.typ": *\n#data.missing')
    with pytest.raises(printing.SettingError, match="missing"):
        printing.pdf("broken.typ", {"title": "x"})


def test_a_machine_without_a_font_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "FAMILIES", ("No such font",))
    printing.font.cache_clear()
    try:
        with pytest.raises(printing.NoFontError, match="fonts-noto-cjk"):
            printing.font()
    finally:
        printing.font.cache_clear()
