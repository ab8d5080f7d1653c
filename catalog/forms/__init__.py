"""Forms of the settings pages: shape only; the actions decide and save."""

from catalog.forms.calendars import CalendarDayForm, CalendarForm
from catalog.forms.company import BeginForm, CompanyForm, PeopleImportForm
from catalog.forms.fields import FieldForm, FieldSectionForm
from catalog.forms.organisation import (
    DepartmentForm,
    ExceptionForm,
    GrantForm,
    LeaveForm,
    PersonForm,
    PositionForm,
)
from catalog.forms.products import FeatureForm, ModuleForm, ProductForm, RoleForm
from catalog.forms.settings import PersonField, SettingsForm
from catalog.forms.teams import DutyForm, MemberForm, TeamForm
from catalog.forms.tokens import TokenForm

__all__ = [
    "BeginForm",
    "CalendarDayForm",
    "CalendarForm",
    "CompanyForm",
    "DepartmentForm",
    "DutyForm",
    "ExceptionForm",
    "FeatureForm",
    "FieldForm",
    "FieldSectionForm",
    "GrantForm",
    "LeaveForm",
    "MemberForm",
    "ModuleForm",
    "PeopleImportForm",
    "PersonField",
    "PersonForm",
    "PositionForm",
    "ProductForm",
    "RoleForm",
    "SettingsForm",
    "TeamForm",
    "TokenForm",
]
