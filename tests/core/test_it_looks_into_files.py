"""A file begins the way its ending says; its name shows what it is."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.sniffing import begins_as
from core.uploads import NAME_MAX, ending_of, kept_name
from tickets.actions.attaching import ACCEPTED, check_files

HEADS = {
    "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff\xe0", "gif": b"GIF89a", "bmp": b"BM1",
    "pdf": b"%PDF-1.7", "docx": b"PK\x03\x04", "zip": b"PK\x03\x04", "7z": b"7z\xbc\xaf\x27\x1c",
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "webp": b"RIFF\0\0\0\0WEBP",
    "mp4": b"\0\0\0\x18ftypmp42", "mov": b"\0\0\0\x18ftypqt", "webm": b"\x1a\x45\xdf\xa3",
    "heic": b"\0\0\0\x18ftypheic",
}  # fmt: skip
PROGRAM = b"MZ\x90\0\x03\0"


@pytest.mark.parametrize("ending", sorted(HEADS))
def test_only_what_begins_right_is_taken(ending: str) -> None:
    assert begins_as(ending, HEADS[ending] + b"\0" * 20)
    assert not begins_as(ending, PROGRAM)
    with pytest.raises(BadInput) as refused:
        check_files([SimpleUploadedFile(f"报告.{ending}", PROGRAM)])
    assert f"报告.{ending}" in str(refused.value)
    assert refused.value.problems[0].field == "files"


def test_text_is_any_encoding_without_nul() -> None:
    for good in ("订单导出失败".encode("gb18030"), "日志".encode("utf-16"), b"a,b\n1,2"):
        assert begins_as("csv", good)
    assert not begins_as("txt", PROGRAM)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\a\\截图 (1).png", "截图 (1).png"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("a\u0000b\u200f.png", "ab.png"),
        ('x";filename="y.png', "x__filename=_y.png"),
        ("...", "file"),
        ("", "file"),
    ],
)
def test_a_name_shows_what_it_is(name: str, kept: str) -> None:
    assert kept_name(name) == kept


@given(st.text(max_size=400), st.sampled_from(sorted(ACCEPTED)))
def test_any_name_is_safe_and_keeps_its_ending(stem: str, ending: str) -> None:
    kept = kept_name(f"{stem}.{ending}")
    assert 0 < len(kept) <= NAME_MAX
    assert not set(kept) & set('/\\\0\n\u202e"<>')
    if "." in kept:
        assert ending_of(kept) == ending


def test_a_turned_round_name_is_judged_by_what_it_is() -> None:
    with pytest.raises(BadInput):
        check_files([SimpleUploadedFile("photo\u202egnp.exe", HEADS["png"])])
