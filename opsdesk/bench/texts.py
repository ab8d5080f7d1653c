"""What a million tickets say: real-looking words, put together so that search has work to do."""

from __future__ import annotations

import random
from dataclasses import dataclass

from core.searchkey import search_key

_WHAT = (
    "报销单", "拜访记录", "客户档案", "合同套打", "审批流", "发票识别", "销售看板", "月末结账",
    "报价单", "移动审批", "凭证录入", "导出客户", "批量审批", "流程配置", "业绩看板", "权限申请",
    "expense report", "visit record", "customer export", "dashboard",
)  # fmt: skip
_FAULT = (
    "无法提交", "一直转圈", "导出失败", "提示没有权限", "金额不对", "找不到入口", "重复出现",
    "保存后丢失", "打开很慢", "不知道怎么用", "状态没有更新", "附件打不开", "页面空白",
    "时间显示错误", "cannot be saved", "times out", "shows an error",
)  # fmt: skip
_WHERE = (
    "华东大区", "华南大区", "财务部", "手机端", "网页端", "昨天开始", "升级之后", "切换账号以后",
    "在新电脑上", "出差时", "on Chrome", "after the update",
)  # fmt: skip
_MORE = (
    "换浏览器也一样,同事那边正常。", "麻烦尽快处理,客户在等。", "已经试过重新登录和清缓存。",
    "附上截图,步骤在下面:先点新建,再选客户,最后提交。", "影响本周的结账。",
    "以前可以,这个月不行。", "想问一下正确的操作步骤是什么。", "Other colleagues see the same.",
)  # fmt: skip
#: Words put into one ticket in so many; search is timed on them and on the words above.
RARE_WORDS = {"琥珀色按钮": 50_000, "pgbouncer": 20_000, "双因子令牌": 100_000, "QX-7741": 200_000}


@dataclass(frozen=True)
class Words:
    title: str
    description: str
    key: str


def pool(count: int = 20_000) -> list[Words]:
    """`count` different tickets' words with their search keys, the same in every run."""
    chance = random.Random(20_260_101)  # noqa: S311
    made = []
    for _number in range(count):
        title = f"{chance.choice(_WHAT)}{chance.choice(_FAULT)}({chance.choice(_WHERE)})"
        more = " ".join(chance.sample(_MORE, 2))
        description = f"{chance.choice(_WHERE)},{title}。{more}"
        made.append(Words(title, description, search_key(title, description)))
    return made


def hundred_terms() -> list[str]:
    """The listed terms of the search goal: phrases, parts, mixed, rare and absent ones."""
    chance = random.Random(100)  # noqa: S311
    phrases = [f"{chance.choice(_WHAT)}{chance.choice(_FAULT)}" for _number in range(30)]
    parts = [word[:2] for word in _WHAT[:16]] + [word[-2:] for word in _FAULT[:14]]
    mixed = [f"{chance.choice(_WHAT)} {chance.choice(_WHERE)}" for _number in range(20)]
    numbers = [f"OPS-{chance.randrange(1, 900_000)}" for _number in range(8)]
    words = [
        "chrome",
        "export",
        "timeout",
        "结账",
        "没有这个词",
        "absentword",
        "客户在等",
        "清缓存",
    ]
    return [*phrases, *parts, *mixed, *numbers, *words, *RARE_WORDS][:100]
