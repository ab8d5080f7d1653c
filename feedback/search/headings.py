"""Which column of the demand table a heading of a spreadsheet is, in either language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.utils import translation

from feedback.search.columns import COLUMNS, Column

#: What such tables call them besides our own words (their headings in the field).
ALSO = {
    "编号": "ref", "序号": "ref", "需求编号": "ref", "id": "ref", "no": "ref", "number": "ref",
    "标题": "title", "需求名称": "title", "需求标题": "title", "需求": "title", "name": "title",
    "问题描述": "problem", "痛点": "problem", "现状": "problem", "description": "problem",
    "方案": "proposal", "解决方案": "proposal", "需求描述": "proposal", "solution": "proposal",
    "所属产品": "product", "系统": "product", "所属模块": "module", "需求类型": "kind",
    "提出人": "proposer", "需求提出人": "proposer", "提出部门": "departments",
    "部门": "departments", "优先级": "priority", "负责人": "owner", "产品经理": "owner",
    "状态": "status", "需求状态": "status", "期望上线时间": "wanted", "计划上线时间": "planned",
    "计划时间": "planned", "实际上线时间": "released", "上线时间": "released", "版本": "release",
    "工作量": "effort", "人天": "effort", "上线效果": "review", "备注": "",
}  # fmt: skip
#: Columns a file may bring; the others are counted here.
BROUGHT = (
    "ref", "title", "status", "product", "module", "kind", "priority", "effort", "owner",
    "release", "wanted", "planned", "released", "source", "initiated_by", "proposer",
    "departments", "problem", "proposal", "reason", "deferred", "review",
)  # fmt: skip

#: Columns of a table of feedback, as people call them.
WORDS_COLUMNS = {
    "words": ("words", "feedback", "quote", "原话", "反馈", "反馈内容", "内容"),
    "person": ("person", "who", "said by", "user", "反馈人", "提出人", "姓名", "人员", "用户"),
    "product": ("product", "产品", "所属产品", "系统"),
    "module": ("module", "模块", "所属模块"),
    "source": ("source", "channel", "来源", "渠道"),
    "importance": ("importance", "重要程度", "重要性"),
    "hours": ("hours per week", "hours", "每周耗时", "每周耗时（小时）", "每周小时"),
}


def words_column_of(heading: str) -> str:
    """The column of a table of feedback that a heading names; "" for one that is left out."""
    wanted = " ".join(heading.split("#", 1)[0].split()).casefold()
    return next((key for key, names in WORDS_COLUMNS.items() if wanted in names), "")


def column_of(heading: str, known: Mapping[str, Column]) -> str:
    """The key of the column a heading names; "" for one that is left out."""
    wanted = heading.split("#", 1)[0].strip().casefold()
    own = {
        str(column.label).casefold(): key
        for key, column in known.items()
        if column.definition is not None
    }
    key = _labels().get(wanted) or own.get(wanted) or ALSO.get(wanted, "")
    if not key and wanted in known:
        key = wanted
    brought = key in BROUGHT or (key in known and known[key].definition is not None)
    return key if brought else ""


@cache
def _labels() -> dict[str, str]:
    found: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for key, column in COLUMNS.items():
                found.setdefault(str(column.label).casefold(), key)
    return found
