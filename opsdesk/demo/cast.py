"""Who works at 远禾集团 (Yuanhe Group): its people, organisation, products, teams and rights.

Built through actions, so the demo company has the history any company would have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.actions import (
    PersonDraft,
    create_department,
    create_person,
    create_position,
    name_company,
)
from accounts.models import Department, Position, User
from catalog import actions as catalog
from catalog.choices import ExceptionKind, PermissionRole, ProductKind
from catalog.models import Feature, Module, Product, ProductRole, ServiceCalendar, Team
from opsdesk.foundations import lay_foundations

#: Everybody's password in the demo company, and in no other installation.
DEMO_PASSWORD = "yuanhe-demo"  # noqa: S105

COMPANY = "远禾集团"

# key: (name, key of the parent)
DEPARTMENTS = {
    "group": (COMPANY, ""),
    "sales": ("销售中心", "group"),
    "east": ("华东大区", "sales"),
    "south": ("华南大区", "sales"),
    "finance": ("财务部", "group"),
    "hr": ("人力资源部", "group"),
    "operations": ("产品运营部", "group"),
    "research": ("研发中心", "group"),
    "crm_development": ("CRM 研发部", "research"),
    "platform": ("平台研发部", "research"),
}

POSITIONS = {
    "sales_director": "销售总监",
    "sales_representative": "销售代表",
    "finance_clerk": "财务专员",
    "hr_partner": "人力资源伙伴",
    "product_operator": "产品运营专员",
    "operations_manager": "产品运营经理",
    "developer": "研发工程师",
    "it_administrator": "系统管理员",
}


@dataclass(frozen=True)
class _Person:
    name: str
    department: str
    position: str
    language: str = User.Language.CHINESE


PEOPLE = {
    "admin": _Person("系统管理员", "group", "it_administrator"),
    "linzhixia": _Person("林知夏", "operations", "product_operator"),
    "zhoumin": _Person("周敏", "operations", "product_operator"),
    "chenlu": _Person("陈璐", "operations", "product_operator"),
    "shenyi": _Person("沈奕", "operations", "product_operator"),
    "gaoyuan": _Person("高远", "operations", "operations_manager"),
    "hesiyuan": _Person("何思源", "crm_development", "developer"),
    "xucheng": _Person("许澄", "platform", "developer"),
    "wangke": _Person("王珂", "east", "sales_director"),
    "liuyang": _Person("刘洋", "east", "sales_representative"),
    "zhaoyi": _Person("赵怡", "finance", "finance_clerk"),
    "emma": _Person("Emma Clark", "south", "sales_representative", User.Language.ENGLISH),
}

# key: (name, code, kind, owner)
PRODUCTS = {
    "crm": ("星图 CRM", "crm", ProductKind.MANDATORY, "hesiyuan"),
    "erp": ("禾账 ERP", "erp", ProductKind.MANDATORY, "xucheng"),
    "approval": ("签达审批", "approval", ProductKind.MANDATORY, "xucheng"),
    "board": ("观数看板", "board", ProductKind.OPTIONAL, "hesiyuan"),
}

# key: (product, name, owner, features)
MODULES = {
    "visits": ("crm", "拜访管理", "hesiyuan", ("提交拜访记录", "审阅拜访记录", "拜访附件")),
    "customers": ("crm", "客户档案", "hesiyuan", ("新建客户", "合并客户", "导出客户")),
    "quotes": ("crm", "报价与合同", "hesiyuan", ("新建报价", "合同套打")),
    "expenses": ("erp", "费用报销", "xucheng", ("填写报销单", "发票识别", "报销进度")),
    "ledger": ("erp", "总账", "xucheng", ("凭证录入", "月末结账")),
    "flows": ("approval", "审批流", "xucheng", ("发起审批", "加签与转签", "流程配置")),
    "mobile": ("approval", "移动审批", "xucheng", ("手机审批", "批量审批")),
    "sales_board": ("board", "销售看板", "hesiyuan", ("业绩看板", "导出报表")),
}

# key: (product, name, code)
ROLES = {
    "crm_representative": ("crm", "销售代表", "sales-representative"),
    "crm_director": ("crm", "销售主管", "sales-director"),
    "erp_clerk": ("erp", "财务专员", "finance-clerk"),
    "erp_employee": ("erp", "报销人", "employee"),
    "approval_applicant": ("approval", "申请人", "applicant"),
    "approval_approver": ("approval", "审批人", "approver"),
    "board_viewer": ("board", "看板读者", "viewer"),
}

POSITION_ROLES = {
    "sales_director": (
        "crm_director", "erp_employee", "approval_applicant", "approval_approver", "board_viewer",
    ),
    "sales_representative": ("crm_representative", "erp_employee", "approval_applicant"),
    "finance_clerk": ("erp_clerk", "erp_employee", "approval_applicant", "approval_approver"),
    "hr_partner": ("erp_employee", "approval_applicant"),
    "product_operator": ("approval_applicant",),
    "operations_manager": ("approval_applicant", "approval_approver", "board_viewer"),
}  # fmt: skip

# key: (name, of product operations, products, members)
TEAMS = {
    "operations": (
        "产品运营一组", True, ("crm", "erp", "approval", "board", "other"),
        ("linzhixia", "zhoumin", "chenlu", "shenyi"),
    ),
    "recognition": ("识别组", False, ("erp",), ("xucheng",)),
    "crm_development": ("CRM 研发", False, ("crm", "board"), ("hesiyuan",)),
}  # fmt: skip

GRANTS = (
    ("admin", PermissionRole.ADMINISTRATOR),
    ("chenlu", PermissionRole.ADMINISTRATOR),
    ("gaoyuan", PermissionRole.MANAGER),
    ("gaoyuan", PermissionRole.ANALYST),
    ("hesiyuan", PermissionRole.OWNER),
    ("xucheng", PermissionRole.OWNER),
)


@dataclass(frozen=True)
class Cast:
    """The people by user name, and what they work with by short keys."""

    admin: User
    linzhixia: User
    zhoumin: User
    chenlu: User
    shenyi: User
    gaoyuan: User
    hesiyuan: User
    xucheng: User
    wangke: User
    liuyang: User
    zhaoyi: User
    emma: User
    departments: Mapping[str, Department]
    positions: Mapping[str, Position]
    products: Mapping[str, Product]
    modules: Mapping[str, Module]
    features: Mapping[str, Feature]
    roles: Mapping[str, ProductRole]
    teams: Mapping[str, Team]
    calendar: ServiceCalendar

    @property
    def people(self) -> dict[str, User]:
        return {username: getattr(self, username) for username in PEOPLE}


def is_demo() -> bool:
    """Whether the demo company lives here: nobody of it may ever move in with real people."""
    first = User.objects.filter(username=next(iter(PEOPLE))).first()
    if first is None or not first.check_password(DEMO_PASSWORD):
        return False
    return User.objects.filter(username__in=PEOPLE).count() == len(PEOPLE)


@transaction.atomic
def build_cast(now: dt.datetime) -> Cast:
    """The cast, created at `now` where it is not there yet."""
    lay_foundations(now)
    if not User.objects.filter(username="admin").exists():
        _Builder(now).build()
    return _read_cast()


@cache
def demo_password_hash() -> str:
    """Encoded once for the whole cast: a slow hash per person would cost seconds."""
    return make_password(DEMO_PASSWORD)


class _Builder:
    """Moves everybody in, in the order in which one needs the other."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.today = timezone.localdate(now)
        self.admin: User | None = None
        self.people: dict[str, User] = {}
        self.products = {"other": Product.objects.get(is_other=True)}
        self.roles: dict[str, ProductRole] = {}

    def build(self) -> None:
        name_company(COMPANY, acting_user=None, now=self.now)
        departments: dict[str, Department] = {}
        for key, (name, parent) in DEPARTMENTS.items():
            departments[key] = create_department(
                name, departments.get(parent), acting_user=None, now=self.now
            )
        positions = {
            key: create_position(name, acting_user=None, now=self.now)
            for key, name in POSITIONS.items()
        }
        for username, person in PEOPLE.items():
            self.people[username] = self._person(
                username, person, departments[person.department], positions[person.position]
            )
            self.admin = self.people["admin"]
        self._products()
        self._roles(positions)
        self._teams()
        for username, role in GRANTS:
            catalog.grant_role(self.people[username], role, acting_user=self.admin, now=self.now)

    def _person(
        self, username: str, person: _Person, department: Department, position: Position
    ) -> User:
        draft = PersonDraft(
            username=username,
            name=person.name,
            email=f"{username}@yuanhe.example",
            department=department,
            position=position,
            language=person.language,
            password_hash=demo_password_hash(),
        )
        return create_person(draft, acting_user=self.admin, now=self.now)

    def _products(self) -> None:
        for position, (key, (name, code, kind, owner)) in enumerate(PRODUCTS.items()):
            self.products[key] = catalog.create_product(
                name,
                code,
                kind,
                owner=self.people[owner],
                position=position,
                acting_user=self.admin,
                now=self.now,
            )
        for product, name, owner, features in MODULES.values():
            module = catalog.create_module(
                self.products[product],
                name,
                self.people[owner],
                acting_user=self.admin,
                now=self.now,
            )
            for feature in features:
                catalog.create_feature(module, feature, acting_user=self.admin, now=self.now)

    def _roles(self, positions: Mapping[str, Position]) -> None:
        for key, (product, name, code) in ROLES.items():
            self.roles[key] = catalog.create_product_role(
                self.products[product], name, code, acting_user=self.admin, now=self.now
            )
        for position, keys in POSITION_ROLES.items():
            catalog.set_position_roles(
                positions[position],
                [self.roles[key] for key in keys],
                acting_user=self.admin,
                now=self.now,
            )
        # 刘洋 reviews visits for a director on leave: the stand-in of the demo.
        catalog.except_role(
            self.people["liuyang"],
            self.roles["approval_approver"],
            ExceptionKind.ALSO,
            self.today,
            self.today + dt.timedelta(days=60),
            "代理审批",
            acting_user=self.admin,
            now=self.now,
        )

    def _teams(self) -> None:
        calendar = ServiceCalendar.objects.order_by("pk")[0]
        teams: dict[str, Team] = {}
        for key, (name, is_product_operations, products, members) in TEAMS.items():
            team = teams[key] = catalog.create_team(
                name,
                calendar,
                is_product_operations=is_product_operations,
                acting_user=self.admin,
                now=self.now,
            )
            held = [self.products[product] for product in products]
            catalog.set_team_products(team, held, acting_user=self.admin, now=self.now)
            for member in members:
                catalog.add_member(team, self.people[member], acting_user=self.admin, now=self.now)
        self._duty(teams["operations"])

    def _duty(self, team: Team) -> None:
        """Four weeks of duty, each agent a week, from the Monday of this week."""
        monday = self.today - dt.timedelta(days=self.today.weekday())
        for week, username in enumerate(TEAMS["operations"][3]):
            first = monday + dt.timedelta(weeks=week)
            catalog.plan_duty(
                team,
                self.people[username],
                first,
                first + dt.timedelta(days=6),
                acting_user=self.admin,
                now=self.now,
            )


def _read_cast() -> Cast:
    """The cast as the database has it, nine queries."""
    people = {user.username: user for user in User.objects.filter(username__in=PEOPLE)}
    products = {product.code: product for product in Product.objects.all()}
    modules = {
        (module.product_id, module.name): module
        for module in Module.objects.select_related("product")
    }
    roles = {(role.product_id, role.code): role for role in ProductRole.objects.all()}
    departments = {department.name: department for department in Department.objects.all()}
    positions = {position.name: position for position in Position.objects.all()}
    teams = {team.name: team for team in Team.objects.select_related("calendar")}
    return Cast(
        **people,
        departments={key: departments[name] for key, (name, _parent) in DEPARTMENTS.items()},
        positions={key: positions[name] for key, name in POSITIONS.items()},
        products={key: products[code] for key, (_n, code, _k, _o) in PRODUCTS.items()}
        | {"other": products["other"]},
        modules={
            key: modules[products[product].pk, name]
            for key, (product, name, _owner, _features) in MODULES.items()
        },
        features={feature.name: feature for feature in Feature.objects.select_related("module")},
        roles={
            key: roles[products[product].pk, code] for key, (product, _name, code) in ROLES.items()
        },
        teams={key: teams[name] for key, (name, *_rest) in TEAMS.items()},
        calendar=next(iter(teams.values())).calendar,
    )
