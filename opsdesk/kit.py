"""The samples of the kit page: what each component shows there, in the reader's language.

They are drawings for those who build pages, not data of anybody; nothing is read or written.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import get_language

from core import charts, markup
from core.icons import NAMES

_STATUSES = {
    "new": ("New", "待受理"),
    "open": ("Open", "处理中"),
    "pending": ("Pending", "待补充"),
    "on_hold": ("On hold", "待协同"),
    "resolved": ("Resolved", "待确认"),
    "closed": ("Closed", "已办结"),
    "cancelled": ("Cancelled", "已终止"),
}
_LEVELS = (
    ("Relay", "受理分派"),
    ("Resolve", "独立解决"),
    ("Push", "推动处理"),
    ("Product-drive", "推动优化"),
    ("Research", "用户研究"),
)
_PAPER = ["paper", "surface", "sunken", "raised", "hover", "selected", "line", "line-2", "edge"]
_MEANING = [
    "primary",
    "accent",
    "focus",
    "seal",
    "amber",
    "amber-fill",
    "jade",
    "iris",
    "still",
    "ink",
    "ink-2",
    "ink-3",
    "slab",
    "seal-bg",
    "amber-bg",
    "jade-bg",
    "iris-bg",
]


# Names and sentences the components carry: English, Chinese.
_WORDS = {
    "crm": ("Xingtu CRM", "星图 CRM"),
    "lin": ("Lin Zhixia", "林知夏"),
    "he": ("He Siyuan", "何思源"),
    "wang": ("Wang Ke", "王珂"),
    "chen": ("Chen Lu", "陈璐"),
    "operations": ("Product operations", "产品运营"),
    "title": ("Director cannot see visit records after filing", "拜访记录提交后，主管看不到"),
    "ask": (
        "Six people filed visit records; my list is empty.",
        "我们组 6 个人填了拜访记录，我这边列表里一条都没有。",
    ),
    "answer": (
        "Reproduced: the view filters by the old department code.",
        "已复现：视图仍按旧部门编码过滤。",
    ),
    "moved": ("Lin Zhixia moved it from L2 to L3", "林知夏 转 L3"),
    "file": ("empty-list.png", "主管列表为空.png"),
    "known": (
        "Known issue, expected to be fixed on 25 November.",
        "已知问题，预计 11 月 25 日修好。",
    ),
    "bounced": (
        "Not delivered: the mailbox refused it. Tried 5 times.",
        "没有送达：对方邮箱拒收。已重试 5 次。",
    ),
    "merged": ("2 tickets merged", "已合并 2 条工单"),
    "cleared": ("The queue is clear", "队列清空了"),
    "meanwhile": ("Six manual pages are owed in the meantime.", "可以先看 6 条待补文档。"),
    "see_debt": ("See the manual debt", "看待补文档"),
    "save": ("Send", "发送"),
    "assign": ("Assign", "派单"),
    "more": ("More", "更多"),
    "cancel": ("Reject", "终止工单"),
    "works": ("It works", "好了，可以用"),
    "why_not": ("Two rows are missing", "还差 2 项"),
    "up": ("To L4", "转 L4"),
    "keep_mine": ("Use mine", "用我的"),
    "owner": ("Owner", "责任人"),
    "promised": ("Promised date", "承诺完成日"),
    "verified": ("Verified", "验收"),
    "summary": ("1 of 2 on record, missing the promised date", "1/2 已备齐，还差承诺完成日"),
    "left": ("1 d left", "剩 1 天"),
    "soon": ("0:41 left", "剩 0:41"),
    "over": ("0:38 over", "超 0:38"),
    "paused": ("Paused", "暂停"),
    "created": ("Created", "新建"),
    "resolved": ("Resolved", "解决"),
    "backlog": ("Backlog", "积压"),
    "relay_share": ("Relay-only", "只转未解"),
    "oldest": ("oldest 37 d, median 4.2 d", "最久 37 天，中位 4.2 天"),
    "weekly": ("Weekly intake and next week’s forecast", "每周新建与下周预测"),
    "told": ("Told", "告知进度"),
    "weekly_note": (
        "Week 47: 221 (186–259). 26 back-tests, MASE 0.82.",
        "第 47 周预计 221（186–259）。26 次回测，MASE 0.82。",
    ),
    "importing": ("Importing tickets", "正在导入工单"),
    "import_left": ("About two minutes. You may leave this page.", "约两分钟，可以离开此页。"),
    "write": ("Write, or paste a screenshot", "补充说明，或直接粘贴截图"),
    "since": ("Product operations · since yesterday 17:05", "产品运营 · 昨天 17:05 起"),
    "shown": ("50 of 1 001 or more", "50 / 1 001 以上"),
    "list_failed": ("The list did not arrive", "列表没有取到"),
    "draft_safe": (
        "No answer for 10 seconds. Your draft is still here.",
        "服务器 10 秒没有回应，你的草稿还在。",
    ),
    "lead": ("Approvals · Expenses · submitted 18 November", "签达审批 · 报销 · 11 月 18 日提交"),
    "prose": (
        "Records go to your list. Handle them before noon of the next day.",
        "组员提交后，记录会进入你的待审阅。请在次日 12:00 前处理。",
    ),
}


def _say(english: str, chinese: str) -> str:
    """The sample's words in the language of the page."""
    return english if get_language() == "en" else chinese


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class SampleForm(forms.Form):
    """Each kind of control once, two of them refused."""

    def __init__(self, side: str) -> None:
        super().__init__(
            {"product": "crm", "impact": "me", "date": "11-31", "watch": "on"},
            auto_id=f"{side}_%s",
        )
        say = _say
        self.fields["product"] = forms.ChoiceField(
            label=say("Product", "产品"),
            choices=[
                ("crm", say("Xingtu CRM", "星图 CRM")),
                ("erp", say("Hezhang ERP", "禾账 ERP")),
            ],
        )
        self.fields["description"] = forms.CharField(
            label=say("What is the trouble?", "遇到什么问题？"),
            widget=forms.Textarea,
            help_text=say("A sentence will do.", "写一句话就行。"),
            error_messages={
                "required": say("Write at least one sentence.", "请至少写一句话。"),
            },
        )
        self.fields["date"] = forms.CharField(label=say("Promised date", "承诺完成日"))
        self.fields["impact"] = forms.ChoiceField(
            label=say("Impact", "影响面"),
            required=False,
            widget=forms.RadioSelect,
            choices=[
                ("me", say("Only me", "仅我自己")),
                ("group", say("My group", "我的小组")),
                ("departments", say("Several departments", "多个部门")),
            ],
        )
        self.fields["watch"] = forms.BooleanField(
            label=say("Keep me posted", "有进展时通知我"), required=False
        )
        self.fields["files"] = forms.FileField(
            label=say("Files", "附件"), required=False, widget=_Files
        )

    def clean_date(self) -> str:
        raise forms.ValidationError(
            _say(
                "“11-31” is no day: November has 30. Write 11-01 to 11-30.",
                "“11-31”不是一个日期：11 月只有 30 天，请写 11-01 到 11-30。",
            )
        )


class SampleReply(forms.Form):
    """The fields of the composer."""

    def __init__(self, side: str) -> None:
        super().__init__(auto_id=f"{side}_reply_%s")
        self.fields["body"] = forms.CharField(label=_say("Reply", "回复"), widget=forms.Textarea)
        self.fields["note"] = forms.BooleanField(required=False)
        self.fields["files"] = forms.FileField(required=False, widget=_Files)


def _weekly() -> dict[str, Any]:
    created = (176, 182, 169, 188, 201, 196, 224, 61, 246, 208, 193, 199, 217, 214)
    resolved = (170, 178, 175, 181, 190, 199, 203, 70, 214, 221, 201, 196, 203, 198)
    pairs = list(zip(created, resolved, strict=True))
    points = [
        charts.Bar(
            label=str(33 + week),
            value=new,
            line=done,
            href="#rows",
            title=_say(
                f"W{33 + week}: created {new}, resolved {done}",
                f"第 {33 + week} 周：新建 {new}，解决 {done}",
            ),
            current=week == len(pairs) - 1,
            note=_say("hols", "国庆") if new == 61 else "",
        )
        for week, (new, done) in enumerate(pairs)
    ]
    label = _say(
        "Created and resolved per week, W33 to W46; forecast for W47",
        "第 33–46 周每周新建与解决，第 47 周预测",
    )
    forecast = charts.Forecast("47", 221, 186, 259, _say("forecast", "预测"))
    return {
        "weekly_charts": {
            side: charts.bars(points, label=label, forecast=forecast, key=side)
            for side in ("light", "dark")
        },
        "weekly_legend": [
            {"label": _say("created", "新建"), "css": "bars"},
            {"label": _say("this week", "本周"), "css": "now"},
            {"label": _say("resolved", "解决"), "css": "line"},
            {"label": _say("forecast, 80 % interval", "预测，80% 区间"), "css": "fc"},
        ],
        "weekly_columns": [
            {"label": _say("Week", "周")},
            {"label": _say("Created", "新建"), "numeric": True},
            {"label": _say("Resolved", "解决"), "numeric": True},
        ],
        "weekly_rows": [[33 + week, *pair] for week, pair in enumerate(pairs)],
    }


def _ladders() -> list[dict[str, Any]]:
    rows = []
    for week, counts in (
        (44, (40, 93, 40, 18, 5)),
        (45, (37, 98, 43, 20, 5)),
        (46, (31, 96, 44, 21, 6)),
    ):
        parts = [
            charts.Part(
                count, f"ink{number}", f"L{number} {_say(*_LEVELS[number - 1])}: {count}", "#rows"
            )
            for number, count in enumerate(counts, 1)
        ]
        rows.append(
            {
                "week": _say(f"W{week}", f"第 {week} 周"),
                "drawing": charts.ladder(parts, label=", ".join(part.title for part in parts)),
                "n": sum(counts),
            }
        )
    return rows


def _waits() -> list[dict[str, Any]]:
    rows = (
        ("Push · owner’s answer", "推动 · 等责任人答复", 255, 157, 38, 19),
        ("Product-drive · release", "推动优化 · 等上线", 209, 109, 12, 31),
        ("Resolve · screening", "独立解决 · 筛查", 123, 64, 71, 24),
    )
    return [
        {
            "name": _say(english, chinese),
            "drawing": charts.wait_bar(ended, still, scale=412, top=place == 0),
            "hours": f"{ended + still} h",
            "thin": n < 20,
            "detail": _say(
                f"median 7.6 h · P90 31.0 h · n={n} · {now} waiting now",
                f"中位 7.6 h · P90 31.0 h · n={n} · 现有 {now} 条在等",
            ),
        }
        for place, (english, chinese, ended, still, n, now) in enumerate(rows)
    ]


def _steps() -> dict[str, Any]:
    states = ("done", "done", "current", "", "")
    details = (
        "0.4 h",
        "3.2 h",
        _say("He Siyuan · 9.5 h", "何思源 · 9.5 h"),
        _say("2 to go", "差 2 项"),
        "",
    )
    path = (
        ("Submitted", "已提交", "11-18 14:32", "done"),
        ("Being handled", "处理中", _say("11-18 15:04 Zhou Min", "11-18 15:04 周敏"), "done"),
        ("With another team", "协同处理中", _say("11-19 Recognition", "11-19 识别组"), "done"),
        ("Your turn", "待您确认", _say("since yesterday 17:05", "昨天 17:05 起"), "current"),
        ("Done", "已完成", "", ""),
    )
    return {
        "rail": [
            {
                "level": n,
                "label": _say(*_LEVELS[n - 1]),
                "state": states[n - 1],
                "detail": details[n - 1],
            }
            for n in range(1, 6)
        ],
        "path": [
            {"label": _say(english, chinese), "detail": detail, "state": state}
            for english, chinese, detail, state in path
        ],
    }


def _lists() -> dict[str, Any]:
    return {
        "tabs": [
            {"label": _say("Conversation", "对话"), "url": "#rows", "current": True, "count": 5},
            {"label": _say("History", "历史"), "url": "#rows", "count": 0},
            {"label": _say("Related", "关联"), "url": "#rows", "icon": "link"},
        ],
        "segments": [
            {"label": _say("Week", "周"), "url": "#rows", "current": True},
            {"label": _say("Month", "月"), "url": "#rows"},
            {"label": _say("Quarter", "季"), "url": "#rows"},
        ],
        "crumbs": [
            {"label": _say("My tickets", "我的工单"), "url": "#rows"},
            {"label": "OPS-20428"},
        ],
        "stale": [
            {"label": _say("Promised date", "承诺完成日"), "theirs": "11-25", "yours": "11-26"},
            {"label": _say("Owner", "责任人"), "theirs": _say("He Siyuan", "何思源"), "yours": ""},
        ],
        "kept": [_say("The list filter was not updated.", "列表的过滤条件没有同步。")],
        "obligations": charts.stacked(
            [
                charts.Part(29, "sure", _say("confirmed 29", "已解决 29")),
                charts.Part(1, "not", _say("not solved 1", "未解决 1")),
                charts.Part(3, "read", _say("read 3", "已读 3")),
                charts.Part(4, "told", _say("delivered 4", "已送达 4")),
            ],
            label=_say(
                "29 confirmed, 1 not solved, 3 read, 4 delivered of 52",
                "应告知 52：已解决 29，未解决 1，已读 3，已送达 4",
            ),
            total=52,
        ),
        "obligation_legend": [
            {"label": _say("confirmed", "已解决"), "css": "sure"},
            {"label": _say("read", "已读"), "css": "ink3"},
            {"label": _say("delivered", "已送达"), "css": "ink2"},
            {"label": _say("not solved", "未解决"), "css": "not"},
        ],
        "spark": charts.sparkline(
            (12, 14, 9, 15, 21, 18, 24), label=_say("12 to 24 in seven weeks", "七周由 12 到 24")
        ),
    }


def samples(now: datetime) -> dict[str, Any]:
    """Everything the kit page shows, once per theme."""
    return {
        "sides": [
            {"name": side, "form": SampleForm(side), "reply": SampleReply(side)}
            for side in ("light", "dark")
        ],
        "s": {key: _say(*pair) for key, pair in _WORDS.items()},
        "icons": sorted(NAMES),
        "statuses": [{"key": key, "label": _say(*pair)} for key, pair in _STATUSES.items()],
        "levels": [{"number": n, "label": _say(*pair)} for n, pair in enumerate(_LEVELS, 1)],
        "inks": ["l1", "l2", "l3", "l4", "l5"],
        "colours": [*_PAPER, *_MEANING],
        "moments": [
            now,
            now - timedelta(minutes=17),
            now - timedelta(hours=5),
            now - timedelta(days=1),
            now - timedelta(days=40),
            now + timedelta(days=1),
        ],
        "earlier": now - timedelta(hours=4),
        "change_up": markup.change(18, good="down"),
        "change_down": markup.change(-4.1, kind="points", good="down", decimals=1),
        "change_none": markup.change(0),
        "ladders": _ladders(),
        "waits": _waits(),
        **_weekly(),
        **_steps(),
        **_lists(),
    }
