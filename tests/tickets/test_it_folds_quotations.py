"""A writer's own words are told from what their program quoted and signed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.incoming.mail.html import text_of
from tickets.incoming.mail.quoting import fold, plain_subject

QUOTED = "请确认是否可以了。\n谢谢"
#: Program → the lines it puts above what it quotes.
BELOW = {
    "outlook-zh": [
        "发件人: OpsDesk <d@x.com>",
        "发送时间: 2026年11月16日 10:00",
        "主题: OPS-12",
        "",
    ],
    "outlook-line": ["_" * 32, "From: OpsDesk", "Sent: Monday", "To: W", "Subject: x", ""],
    "outlook-old": ["-----Original Message-----", "From: OpsDesk", "Sent: Monday", ""],
    "qq": ["------------------ 原始邮件 ------------------", '发件人: "OpsDesk";', ""],
    "foxmail": ["发件人： OpsDesk", "发送时间： 2026-11-16 10:00", "主题： OPS-12", ""],
    "netease": ['At 2026-11-16 10:00:00, "OpsDesk" <desk@x.com> wrote:'],
    "netease-zh": ["在 2026-11-16 10:00:00，“OpsDesk” <desk@x.com> 写道："],
    "netease-card": ["---- 回复的原邮件 ----", "| 发件人 | OpsDesk |"],
    "apple-zh": ["在 2026年11月16日，10:00，OpsDesk <desk@x.com> 写道：", ""],
    "apple-wrapped": ["On 16 Nov 2026, at 10:00, OpsDesk Operations", "<d@x.com> wrote:", ""],
    "gmail-zh": ["OpsDesk <desk@x.com> 于2026年11月16日周一 10:00写道：", ""],
    "forward": ["---------- Forwarded message ---------", "From: OpsDesk", ""],
    "japanese": ["差出人: OpsDesk", "送信日時: 2026年11月16日", "件名: x", ""],
}


@pytest.mark.parametrize("program", BELOW)
def test_what_stands_below_is_folded(program: str) -> None:
    below = "\n".join([*BELOW[program], QUOTED])
    folded = fold(f"还是不行，导出又卡住了。\n订单 4711\n\n{below}")
    assert folded.words == "还是不行，导出又卡住了。\n订单 4711"
    assert folded.quoted.endswith(QUOTED)


@pytest.mark.parametrize(
    "text",
    [
        "请帮忙处理\n发件人: 是销售的同事\n他的账号打不开",
        "> 版本？\n3.2\n> 截图？\n见附件",
        "1. 打开报表\n2. 点导出\n-- 然后转圈",
        "他在 10:00 写道歉信，和系统无关",
        "On Monday it worked.\nToday it does not.",
    ],
)
def test_own_words_stay(text: str) -> None:
    assert fold(text).words == text
    assert fold(text).quoted == ""


def test_words_below_a_quotation_are_kept() -> None:
    folded = fold(
        "On 16 Nov 2026, at 10:00, OpsDesk <d@x.com> wrote:\n> 版本？\n> 谢谢\n\n版本 3.2"
    )
    assert folded.words == "版本 3.2"
    assert "> 版本？" in folded.quoted


@pytest.mark.parametrize(
    "sign", ["--\n张三\n销售部", "发自我的iPhone", "Sent from my iPhone", "获取 Outlook for iOS"]
)
def test_a_signature_is_folded(sign: str) -> None:
    folded = fold(f"可以了\n\n{sign}")
    assert (folded.words, folded.quoted) == ("可以了", sign)


def test_what_html_quotes_is_marked() -> None:
    html = (
        "<div>可以了</div><div class='gmail_quote'><div>On Mon, 16 Nov 2026 10:00 O wrote:</div>"
        "<blockquote>请确认<blockquote>更早</blockquote></blockquote></div>"
    )
    folded = fold(text_of(html, {}))
    assert folded.words == "可以了"
    assert "> 请确认" in folded.quoted


def test_subjects_lose_what_programs_put_before_them() -> None:
    for before in ("Re: ", "回复: ", "答复：RE: ", "Fw: 转发：", "[External] Re[2]: "):
        assert plain_subject(f"{before}报表导不出来") == "报表导不出来"
    assert plain_subject("关于: 报表") == "关于: 报表"


@given(st.text(alphabet=st.sampled_from("> \n发件人:：主题On10:0写道wrote-_|王a."), max_size=300))
def test_no_word_is_lost(text: str) -> None:
    folded = fold(text)
    said = sorted((folded.words + folded.quoted).split())
    assert "".join(said) == "".join(sorted(text.split()))
