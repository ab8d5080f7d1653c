"""What one row of a spreadsheet of people would do, or why it cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from accounts.models import Department, Position, User
from core.errors import Problem

#: Headings by column, in either language and as such tables call them.
COLUMNS: dict[str, tuple[str, ...]] = {
    "username": ("用户名", "user name", "username", "账号", "帐号", "登录名", "login", "account"),
    "name": ("姓名", "full name", "name", "名字"),
    "email": ("邮箱", "e-mail", "email", "mail", "电子邮箱", "邮件地址"),
    "department": ("部门", "department", "所属部门", "组织"),
    "position": ("岗位", "position", "职位", "职务", "title"),
    "language": ("语言", "language"),
}
_LANGUAGES = {
    "zh-hans": "zh-hans", "zh": "zh-hans", "中文": "zh-hans", "简体中文": "zh-hans",
    "chinese": "zh-hans", "en": "en", "english": "en", "英文": "en", "英语": "en",
}  # fmt: skip


def people_column_of(heading: str) -> str:
    """The column a heading names; "" for one that is left out."""
    wanted = " ".join(heading.split("#", 1)[0].split()).casefold()
    return next((key for key, names in COLUMNS.items() if wanted in names), "")


@dataclass
class Judged:
    """One row: its person if there is one, the columns it sets, what is wrong with it.

    `fields` holds a department as the names from the top, a position as its name: either may have
    to be made. `changes` are [column, before, after] as people read them.
    """

    line: int
    username: str
    person: User | None
    fields: dict[str, Any] = field(default_factory=dict)
    changes: list[list[str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    made: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        if self.problems:
            return "refused"
        if self.person is None:
            return "create"
        return "change" if self.changes else "same"


class PeopleJudge:
    """Judges rows against the people there are, and against the rows before them."""

    def __init__(self, before: Sequence[Sequence[Any]] = ()) -> None:
        people = User.objects.select_related("position")
        self.people = {person.username.casefold(): person for person in people}
        names = dict(Department.objects.values_list("pk", "name"))
        self.paths = {
            pk: tuple(names[int(part)] for part in path.strip("/").split("/") if part)
            for pk, path in Department.objects.values_list("pk", "path")
        }
        self.departments = set(self.paths.values())
        self.positions = set(Position.objects.values_list("name", flat=True))
        self.lines: dict[str, int] = {}
        for line, cells in before:
            self.lines.setdefault(cells.get("username", "").casefold(), line)

    def judge(self, line: int, cells: Mapping[str, str]) -> Judged:
        """`cells` by column; an empty one sets nothing."""
        username = cells.get("username", "")
        found = Judged(line, username, self.people.get(username.casefold()))
        self._identity(found, cells)
        self._email(found, cells.get("email", ""))
        self._language(found, cells.get("language", ""))
        self._department(found, cells.get("department", ""))
        self._position(found, cells.get("position", ""))
        return found

    def remember(self, found: Judged) -> None:
        """What the row made is there for the rows below it."""
        if "department" in found.fields:
            names = found.fields["department"]
            self.departments |= {names[:depth] for depth in range(1, len(names) + 1)}
        if "position" in found.fields:
            self.positions.add(found.fields["position"])

    def _identity(self, found: Judged, cells: Mapping[str, str]) -> None:
        key = found.username.casefold()
        if not key:
            found.problems.append(
                Problem("username", _("The user name is missing."), _("Write one."))
            )
            return
        if key in self.lines:
            found.problems.append(
                Problem(
                    "username",
                    _("Line %(line)s has this user name too.") % {"line": self.lines[key]},
                    _("Keep one of the two rows."),
                    found.username,
                )
            )
            return
        self.lines[key] = found.line
        person = found.person
        if person is None:
            self._check(found, "username", found.username)
            found.fields["username"] = found.username
            if not cells.get("name"):
                found.problems.append(
                    Problem("name", _("The name is missing."), _("Write the full name."))
                )
        elif not person.may_sign_in:
            found.problems.append(
                Problem(
                    "username",
                    _("This person left, was switched off or was imported."),
                    _("Choose another user name, or switch the account on first."),
                    found.username,
                )
            )
        if name := cells.get("name"):
            self._check(found, "name", name)
            self._set(found, "name", name, person.name if person else "")

    def _check(self, found: Judged, column: str, value: str) -> None:
        try:
            field_of_person: models.Field[Any, Any] = User._meta.get_field(column)  # type: ignore[assignment]
            field_of_person.clean(value, None)
        except ValidationError as error:
            found.problems.append(
                Problem(column, " ".join(error.messages), _("Mend the cell."), value)
            )

    def _email(self, found: Judged, value: str) -> None:
        if value:
            self._check(found, "email", value)
            self._set(found, "email", value, found.person.email if found.person else "")

    def _language(self, found: Judged, value: str) -> None:
        if not value:
            return
        language = _LANGUAGES.get(value.casefold())
        if language is None:
            found.problems.append(
                Problem("language", _("There is no such language."), "zh, en", value)
            )
        else:
            self._set(found, "language", language, found.person.language if found.person else "")

    def _department(self, found: Judged, value: str) -> None:
        names = tuple(part.strip() for part in value.replace("／", "/").split("/") if part.strip())
        if not names:
            return
        if any(len(name) > 80 for name in names):
            found.problems.append(
                Problem("department", _("This name is too long."),
                        _("Use at most 80 characters."), value)
            )  # fmt: skip
            return
        if names not in self.departments:
            ending = sorted(path for path in self.departments if path[-len(names) :] == names)
            if len(ending) > 1:
                found.problems.append(
                    Problem(
                        "department",
                        _("Several departments are called so."),
                        _("Write it with the ones above it: %(path)s")
                        % {"path": " / ".join(ending[0])},
                        value,
                    )
                )
                return
            if ending:
                names = ending[0]
            else:
                found.made.append(_("new department: %(name)s") % {"name": " / ".join(names)})
        held = found.person.department_id if found.person else None
        before = " / ".join(self.paths[held]) if held else ""
        self._set(found, "department", names, before, shown=" / ".join(names))

    def _position(self, found: Judged, value: str) -> None:
        if not value:
            return
        if len(value) > 80:
            found.problems.append(
                Problem("position", _("This name is too long."),
                        _("Use at most 80 characters."), value)
            )  # fmt: skip
            return
        if value not in self.positions:
            found.made.append(_("new position: %(name)s") % {"name": value})
        held = found.person.position if found.person else None
        self._set(found, "position", value, held.name if held else "")

    @staticmethod
    def _set(found: Judged, column: str, value: Any, before: str, shown: str = "") -> None:
        """A value that is there already is no change, and sets nothing on who is there."""
        after = shown or str(value)
        if after != before:
            found.changes.append([column, before, after])
            found.fields[column] = value
        elif found.person is None:
            found.fields[column] = value
