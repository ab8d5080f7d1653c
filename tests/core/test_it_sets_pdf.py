"""PDF: words of people are data and never markup; a machine without a font says what would do."""

from __future__ import annotations

import base64
import struct
from pathlib import Path

import pytest

from core import printing
from core.pictures import pixels_of

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
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


def test_whoever_prints_does_not_hold_up_everybody(
    templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (templates / "plain.typ").write_text('#json("data.json").title')
    monkeypatch.setattr(printing, "TURN", 0.05)
    for _place in range(printing.AT_ONCE):
        assert printing._turns.acquire(timeout=1)
    try:
        with pytest.raises(printing.PrintingBusy) as refused:
            printing.pdf("plain.typ", {"title": "x"})
        assert refused.value.status == 503
        assert str(refused.value.problems[0].remedy)
    finally:
        for _place in range(printing.AT_ONCE):
            printing._turns.release()
    assert printing.pdf("plain.typ", {"title": "x"}).startswith(b"%PDF-")
    # What takes too long is ended and says so; its place is free again.
    monkeypatch.setattr(printing, "PATIENCE", 0.01)
    for _again in range(printing.AT_ONCE + 1):
        with pytest.raises(printing.PaperTooLong, match=r"0\.01"):
            printing.pdf("plain.typ", {"title": "x"})


def test_broken_pictures_are_named(templates: Path) -> None:
    (templates / "album.typ").write_text('#image("fine.png")\n#image("broken.png")')
    with pytest.raises(printing.BrokenPictures) as found:
        printing.pdf("album.typ", {}, {"fine.png": PIXEL, "broken.png": PIXEL[:40]})
    assert found.value.names == {"broken.png"}


def test_a_picture_says_how_large_it_is_drawn() -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x03\x00\x05"
    webp = b"RIFF\0\0\0\0WEBP"
    for content, pixels in (
        (PIXEL, 1), (PIXEL[:16] + struct.pack(">II", 50_000, 40_000), 2_000_000_000),
        (b"GIF89a" + struct.pack("<HH", 7, 9), 63), (jpeg, 15),
        (webp + b"VP8 " + bytes(10) + struct.pack("<HH", 8, 4), 32),
        (webp + b"VP8L" + bytes(5) + struct.pack("<I", 3 | 4 << 14), 20),
        (webp + b"VP8X" + bytes(8) + b"\x09\0\0\x01\0\0", 20),
        (b"", None), (b"\xff\xd8\xff", None), (b"<svg>", None), (PIXEL[:16] + bytes(8), None),
    ):  # fmt: skip
        assert pixels_of(content) == pixels


def test_a_machine_without_a_font_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "FAMILIES", ("No such font",))
    printing.font.cache_clear()
    try:
        with pytest.raises(printing.NoFontError, match="fonts-noto-cjk"):
            printing.font()
    finally:
        printing.font.cache_clear()
