"""What people of the demo company ask in an ordinary week, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass

from tickets.choices import CauseCategory, Type


@dataclass(frozen=True)
class Need:
    """One thing somebody writes in about. `cause` and `demand`: keys of what it turns out to be."""

    who: str
    product: str
    module: str
    type: str
    text: str
    answer: str = ""
    cause: str = ""
    demand: str = ""


NEEDS = (
    Need("wangke", "crm", "visits", Type.HOW_TO, "怎么把一条拜访记录退给下属补充？",
         "打开记录，右上角“退回补充”，写明要补什么即可。"),
    Need("liuyang", "crm", "visits", Type.HOW_TO, "拜访定位偏了两公里，能手工改吗？",
         "可以，在提交前点地图图钉拖动，超过 1 公里要填原因。"),
    Need("emma", "crm", "visits", Type.HOW_TO, "How do I attach a PDF to a visit record?",
         "Use the paper clip under the notes; PDF up to 20 MB."),
    Need("liuyang", "crm", "customers", Type.HOW_TO, "两个客户档案重复了，怎么合并？",
         "在客户列表勾选两条后点“合并”，以主档案为准。"),
    Need("wangke", "crm", "customers", Type.ACCESS, "新来的同事看不到华东大区的客户。",
         "已把他加入华东大区的数据范围，重新登录即可。"),
    Need("emma", "crm", "quotes", Type.HOW_TO, "Where can I find the English quote template?",
         "Choose “EN” in the template list when you create the quote."),
    Need("liuyang", "crm", "quotes", Type.CONFIGURATION, "报价单的税率默认是 6%，我们现在是 13%。",
         "已把贵部门的默认税率改为 13%，新建的报价单生效。"),
    Need("zhaoyi", "erp", "expenses", Type.HOW_TO, "住宿超标的报销单怎么走特批？",
         "在超标行点“申请特批”，系统会转给部门负责人。"),
    Need("zhaoyi", "erp", "expenses", Type.HOW_TO, "报销单填错了科目，已经审批完怎么办？",
         "由财务红冲后重新提交，原单会自动关联。"),
    Need("zhaoyi", "erp", "ledger", Type.HOW_TO, "月末结账前要检查哪些项目？",
         "手册“月末结账”一页有清单，先看未过账凭证。"),
    Need("zhaoyi", "erp", "ledger", Type.CONFIGURATION, "新增了一个成本中心，凭证里选不到。",
         "已在总账里启用该成本中心，现在可以选了。"),
    Need("wangke", "approval", "flows", Type.CONFIGURATION, "合同审批要加一个法务会签节点。",
         "已加在部门负责人之后，新发起的审批按新流程走。"),
    Need("liuyang", "approval", "flows", Type.HOW_TO, "出差期间怎么把审批委托给同事？",
         "在“我的 → 委托”里设起止日期和受托人。"),
    Need("emma", "approval", "flows", Type.ACCESS, "I cannot start a contract approval any more.",
         "Your role was missing after the transfer; it is set again."),
    Need("wangke", "board", "sales_board", Type.HOW_TO, "看板里的“有效拜访”是怎么算的？",
         "停留 15 分钟以上且写了纪要的拜访，口径见手册。"),
    Need("wangke", "board", "sales_board", Type.HOW_TO, "销售看板能按小组看吗？",
         "左上角切换“按小组”，需要主管角色。"),
    Need("zhaoyi", "erp", "expenses", Type.DATA, "餐饮发票识别不出开票日期。"),
    Need("liuyang", "erp", "expenses", Type.DATA, "火车票识别后座位等级不对，报销标准跟着错。"),
    Need("emma", "erp", "expenses", Type.DATA, "Foreign hotel invoices are read as local ones."),
    Need("zhaoyi", "erp", "expenses", Type.HOW_TO, "电子专票要不要打印？"),
    Need("liuyang", "crm", "visits", Type.BUG, "上传照片到 80% 就不动了。", cause="photos"),
    Need("emma", "crm", "visits", Type.BUG, "Photo upload stops at 80 percent on Android.",
         cause="photos"),
    Need("wangke", "crm", "visits", Type.BUG, "下属说照片传不上去，草稿也丢了。", cause="photos"),
    Need("wangke", "board", "sales_board", Type.PERFORMANCE, "周一早上看板要转两分钟才出来。",
         cause="board_slow"),
    Need("emma", "board", "sales_board", Type.PERFORMANCE, "The sales board times out on Mondays.",
         cause="board_slow"),
    Need("zhaoyi", "erp", "ledger", Type.BUG, "凭证打印少了最后一行。", cause="voucher_print"),
    Need("zhaoyi", "erp", "ledger", Type.BUG, "凭证打印预览正常，打出来缺一行合计。",
         cause="voucher_print"),
    Need("liuyang", "approval", "mobile", Type.BUG, "手机上点“转签”没有反应。",
         cause="mobile_sign"),
    Need("emma", "approval", "mobile", Type.BUG, "“Hand on” does nothing on my phone.",
         cause="mobile_sign"),
    Need("zhaoyi", "approval", "mobile", Type.BUG, "手机审批看不到附件，电脑上有。",
         cause="mobile_sign"),
    Need("wangke", "crm", "customers", Type.BUG, "客户电话末尾多了空格，搜索搜不到。",
         "已清理这批数据，并在保存时去掉空格。"),
    Need("liuyang", "crm", "quotes", Type.BUG, "合同套打日期变成 1900 年。",
         "模板里日期格式写错，已改正，请重新打印。"),
    Need("wangke", "crm", "visits", Type.IMPROVEMENT, "希望能一次审阅整个小组的拜访记录。",
         demand="batch_review"),
    Need("emma", "crm", "visits", Type.IMPROVEMENT, "Let me review all visits of a day at once.",
         demand="batch_review"),
    Need("zhaoyi", "erp", "expenses", Type.IMPROVEMENT, "报销进度希望有消息提醒，不用天天去看。",
         demand="expense_notice"),
    Need("liuyang", "erp", "expenses", Type.IMPROVEMENT, "报销到账了希望告诉我一声。",
         demand="expense_notice"),
    Need("liuyang", "approval", "flows", Type.IMPROVEMENT, "审批流能不能像画图一样自己改？",
         demand="own_flows"),
)  # fmt: skip


@dataclass(frozen=True)
class Trouble:
    """A root cause and how its owner answers it, in working hours after the push."""

    product: str
    module: str
    owner: str
    title: str
    category: str
    why: str
    found: str
    declines: str = ""
    accepts_after: float = 6
    promises_days: int = 5
    delivers_after: float = 30


TROUBLES = {
    "photos": Trouble(
        "crm", "visits", "hesiyuan", "拜访照片上传在弱网下中断", CauseCategory.CODE,
        "上传没有断点续传", "分片上传丢失最后一片，已加续传和校验。", declines="not_reproducible",
    ),
    "board_slow": Trouble(
        "board", "sales_board", "hesiyuan", "周一汇总与看板查询抢资源", CauseCategory.CAPACITY,
        "周一早上汇总任务与查询同时跑", "汇总任务提前到凌晨三点，看板改读汇总表。",
        accepts_after=14, promises_days=9, delivers_after=90,
    ),
    "voucher_print": Trouble(
        "erp", "ledger", "xucheng", "凭证打印模板行数算少一行", CauseCategory.CODE,
        "分页时少算合计行", "模板行数改为按实际行数计算。", accepts_after=4, delivers_after=20,
    ),
    "mobile_sign": Trouble(
        "approval", "mobile", "xucheng", "移动端接口升级后旧版客户端不兼容",
        CauseCategory.INTEGRATION, "只在旧版客户端出现", "", declines="incomplete",
        accepts_after=10, promises_days=12, delivers_after=400,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """A demand: how far it comes (`ends`: released, declined, in_development), after how long."""

    product: str
    module: str
    title: str
    scenario: str
    frequency: str
    ends: str
    reason: str
    decided_after: float = 16


WISHES = {
    "batch_review": Wish(
        "crm", "visits", "拜访记录批量审阅", "主管每天晚上审阅小组当天的拜访", "每天一次",
        "released", "三个大区的主管都提到，每天能省半小时",
    ),
    "expense_notice": Wish(
        "erp", "expenses", "报销进度消息提醒", "提交报销后反复进系统看进度", "每单两三次",
        "in_development", "与消息中心一起做", decided_after=30,
    ),
    "own_flows": Wish(
        "approval", "flows", "业务人员自行配置审批流", "部门调整时改审批人", "每季度一次",
        "declined", "审批流涉及内控，仍由产品运营代为调整；已把平均处理时间缩短到一天内。",
    ),
}  # fmt: skip
