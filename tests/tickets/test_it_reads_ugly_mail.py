"""Mails as they really come: encodings, parts, broken and hostile ones. None is lost."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models import OutboxRow
from opsdesk.demo.cast import Cast
from tests.tickets.letters import PNG, composed, letter, winmail
from tests.tickets.mailing import Post, mailbox_of
from tickets.choices import Channel, IncomingState
from tickets.incoming.mail.letter import read_letter

ZH = "您好，我在星图 CRM 里导出客户报表时，页面一直转圈，请帮忙看一下。谢谢！"
TW = "您好，我在系統裡匯出客戶報表時，頁面一直轉圈，請幫忙看一下。謝謝！"
JA = "お世話になっております。レポートの出力ができません。ご確認をお願いします。"


@pytest.fixture
def arrive(cast: Cast, now: dt.datetime) -> Post:
    """A mail is kept and handled; what became of it."""
    return Post(mailbox_of(cast, now), now)


@pytest.mark.parametrize(
    ("text", "charset", "label"),
    [
        (ZH + "𠮷㐀", "gb18030", "gb18030"),
        (ZH, "gb18030", "gb2312"),
        (ZH, "gb18030", "utf-8"),
        (ZH, "gb18030", "iso-8859-1"),
        (ZH, "gb18030", "x-never-heard-of"),
        (ZH, "utf-8", "us-ascii"),
        (ZH, "utf-8", "gb2312"),
        (ZH, "utf-16", "utf-16"),
        (TW, "big5", "big5"),
        (TW, "big5", ""),
        (JA, "iso2022_jp", "iso-2022-jp"),
        (JA, "cp932", "Shift_JIS"),
        ("Crème brûlée à la carte, s'il vous plaît", "latin-1", "utf-8"),
    ],
    ids=lambda value: value[:12] if value.isascii() else f"{len(value)}",
)
def test_it_reads_every_encoding(
    arrive: Post, cast: Cast, text: str, charset: str, label: str
) -> None:
    raw = letter(text, label=label or "unknown-8bit", charset=charset, transfer="base64",
                 subject="x", name="Wang Ke")  # fmt: skip
    row = arrive(raw)
    assert (row.state, row.error) == (IncomingState.DONE, "")
    assert row.ticket is not None
    assert row.ticket.description == text
    assert row.ticket.requester == cast.wangke
    assert row.ticket.channel == Channel.MAIL


def test_it_reads_headers_that_break_the_rules(arrive: Post) -> None:
    raw = letter().replace(b"Subject: ", b"X-Subject: ")
    bare = "Subject: 回复: 报表导不出来\r\n".encode("gb18030")
    row = arrive(bare + raw)
    assert row.ticket is not None
    assert row.ticket.title == "报表导不出来"


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment; filename*=GB18030''%B1%A8%B1%ED.png", "报表.png"),
        ("attachment; filename*0*=utf-8''%E6%8A%A5; filename*1*=%E8%A1%A8; filename*2=.png",
         "报表.png"),
        ('attachment; filename="=?GB2312?B?sai x2U=?="', None),
        ('attachment; filename="=?gbk?B?sai47bHt?=.png"', None),
        ('attachment; filename="../../etc/报表.png"', "报表.png"),
        ('attachment; filename="a;b.png"', "a_b.png"),
        ("inline; filename=shot.png", "shot.png"),
    ],
)  # fmt: skip
def test_it_reads_names_of_files(arrive: Post, disposition: str, name: str | None) -> None:
    mail = composed()
    mail.set_content("请看截图")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="PLACE.png")
    raw = mail.as_bytes().replace(
        b'attachment; filename="PLACE.png"', disposition.encode("utf-8"), 1
    )
    row = arrive(raw)
    assert row.ticket is not None, row.error
    names = [attachment.name for attachment in row.ticket.attachments.all()]
    if name is not None:
        assert names == [name]
    else:
        assert len(names) + len(row.data.get("left", [])) == 1


def test_it_opens_what_outlook_packs(arrive: Post) -> None:
    mail = composed()
    mail.set_content("")
    packed = winmail("附件里是截图", {"shot.png": PNG, "note.txt": b"12"})
    mail.add_attachment(packed, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    row = arrive(mail.as_bytes())
    assert row.ticket is not None, row.error
    assert row.ticket.description == "附件里是截图"
    assert {a.name for a in row.ticket.attachments.all()} == {"shot.png", "note.txt"}


def test_a_packed_file_that_is_broken_is_named(arrive: Post) -> None:
    mail = composed()
    mail.set_content("请看附件")
    mail.add_attachment(b"\x78\x9f\x3e\x22\x01\x00\xff\xff\xff", maintype="application",
                        subtype="ms-tnef", filename="winmail.dat")  # fmt: skip
    row = arrive(mail.as_bytes())
    assert row.ticket is not None
    assert row.data["left"] == ["winmail.dat"]


def test_it_reads_html_with_its_pictures(arrive: Post) -> None:
    mail = composed()
    mail.set_content("您的邮件程序不支持 HTML")
    mail.add_alternative(
        "<style>p{color:red}</style><p>第一步<br>第二步</p><script>alert(1)</script>"
        "<table><tr><td>订单</td><td>4711</td></tr></table><img src='cid:shot'>"
        "<div style='display:none'>看不见</div><p>这里有很多文字，说明发生了什么。</p>",
        subtype="html",
    )
    html = list(mail.iter_parts())[1]
    assert isinstance(html, EmailMessage)
    html.add_related(PNG, "image", "png", cid="<shot>", filename="截图.png")
    row = arrive(mail.as_bytes())
    assert row.ticket is not None, row.error
    said = row.ticket.description
    assert "第一步\n第二步" in said
    assert "订单  4711" in said
    assert "[截图.png]" in said
    assert not {"alert", "color", "看不见", "不支持"} & set(said.replace("\n", " ").split())
    assert [a.name for a in row.ticket.attachments.all()] == ["截图.png"]


def test_it_takes_files_by_the_rules_of_uploads(arrive: Post) -> None:
    inner = composed(Subject="里面的邮件", Message_ID="<inner@x>")
    inner.set_content("内层")
    mail = composed()
    mail.set_content("附件")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="a.png")
    mail.add_attachment(b"MZ\x90", maintype="application", subtype="x-msdownload",
                        filename="tool.exe")  # fmt: skip
    mail.add_attachment(b"MZ\x90", maintype="image", subtype="png", filename="fake.png")
    mail.add_attachment(b"", maintype="text", subtype="csv", filename="empty.csv")
    mail.add_attachment(inner)
    row = arrive(mail.as_bytes())
    assert row.ticket is not None, row.error
    assert {a.name for a in row.ticket.attachments.all()} == {"a.png", "里面的邮件.eml"}
    assert row.data["left"] == ["tool.exe", "fake.png", "empty.csv"]


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\r\n\r\n", b"\0\0\0", b"From: \r\n\r\nhello", b"Subject: only\r\n\r\n",
        letter(b"x" * 10, kind="multipart/mixed; boundary=never"),
        letter(b"%%%not base64%%%").replace(b": 8bit", b": base64"),
        letter("啊" * 90_000), letter("> " * 3000), letter("\n".join(["On 1:00 x"] * 900)),
        b"Content-Type: multipart/mixed; boundary=a\r\nFrom: wangke@yuanhe.example\r\n\r\n"
        + b"--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n" * 3000,
        letter("<div>" * 6000 + "深", kind="text/html"), letter(date="Mon, 99 Foo 2026 99:99"),
        letter().replace(b"From: ", b"From: \xff\xfe <a@b>, "),
        letter(more="Content-ID: <x>\nContent-Disposition: attachment; filename=\"..\""),
        letter(more="Date: Mon, 1 Jan 0001 00:00:00 +2359"),
    ],
    ids=range(16),
)  # fmt: skip
def test_a_mail_that_is_broken_is_kept_and_answered_for(arrive: Post, raw: bytes) -> None:
    row = arrive(raw)
    assert row.raw is not None
    assert row.raw.size == len(raw)
    assert row.state != IncomingState.RECEIVED
    assert not row.error.startswith(("TypeError", "ValueError", "Key", "Attr", "Unicode", "Data"))
    assert (row.ticket is not None) == (row.state == IncomingState.DONE)
    assert row.ticket is not None or row.error


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    cut=st.integers(0, 4000), at=st.integers(0, 4000), junk=st.binary(max_size=60),
)  # fmt: skip
def test_no_bytes_break_the_reader(cut: int, at: int, junk: bytes) -> None:
    mail = composed()
    mail.set_content(ZH)
    mail.add_alternative(f"<p>{ZH}</p>", subtype="html")
    mail.add_attachment(winmail("x", {"a.txt": b"1"}), maintype="application",
                        subtype="ms-tnef", filename="报表.dat")  # fmt: skip
    raw = mail.as_bytes()
    raw = raw[: at % len(raw)] + junk + raw[(at + cut) % len(raw) :]
    found = read_letter(raw)
    found.content.text.encode()
    assert "\0" not in found.content.text + found.subject + found.sender + found.message_id


def test_a_mail_without_an_id_is_known_by_its_content(arrive: Post) -> None:
    first = arrive(letter(message_id=None, date=None))
    again = b"Received: from elsewhere\r\n" + letter(message_id=None, date=None)
    assert arrive(again) == first
    assert arrive(letter("别的事", message_id=None, date=None)) != first
    # A broken program gives every mail the same id; they are told apart by their dates.
    one = arrive(letter(message_id="<same@printer>", date="Mon, 16 Nov 2026 10:00:00 +0800"))
    two = arrive(letter(message_id="<same@printer>", date="Mon, 16 Nov 2026 10:05:00 +0800"))
    assert one != two
    assert one == arrive(letter(message_id="<same@printer>"))


def test_a_mail_too_large_is_kept_and_its_writer_told(
    arrive: Post, cast: Cast, settings: Any
) -> None:
    settings.MAIL_MAX_BYTES = 100_000
    raw = letter("x" * 200_000)
    row = arrive(raw)
    assert row.state == IncomingState.FAILED
    assert row.raw is not None
    assert row.raw.size == len(raw)
    assert row.data["size"] == len(raw)
    told = OutboxRow.objects.get(name="mail.too_large")
    assert told.payload["to"] == cast.wangke.pk
