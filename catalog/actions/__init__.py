"""The only writers of products, teams, roles, rights, calendars and custom fields."""

from catalog.actions.absences import plan_absence, take_back_absence
from catalog.actions.beginning import begin_company
from catalog.actions.calendars import create_calendar, edit_calendar, remove_day, set_day
from catalog.actions.channels import remove_team_robot, set_team_robot
from catalog.actions.fields import (
    create_field,
    create_field_section,
    edit_field,
    edit_field_section,
    move_field,
)
from catalog.actions.products import (
    create_feature,
    create_module,
    create_product,
    edit_feature,
    edit_module,
    edit_product,
)
from catalog.actions.rights import grant_role, revoke_grant
from catalog.actions.roles import (
    create_product_role,
    edit_product_role,
    except_role,
    set_position_roles,
    take_back_exception,
)
from catalog.actions.teams import (
    add_member,
    create_team,
    edit_team,
    plan_duty,
    remove_duty,
    remove_member,
    set_assignment,
    set_member,
    set_team_products,
)

__all__ = [
    "add_member",
    "begin_company",
    "create_calendar",
    "create_feature",
    "create_field",
    "create_field_section",
    "create_module",
    "create_product",
    "create_product_role",
    "create_team",
    "edit_calendar",
    "edit_feature",
    "edit_field",
    "edit_field_section",
    "edit_module",
    "edit_product",
    "edit_product_role",
    "edit_team",
    "except_role",
    "grant_role",
    "move_field",
    "plan_absence",
    "plan_duty",
    "remove_day",
    "remove_duty",
    "remove_member",
    "remove_team_robot",
    "revoke_grant",
    "set_assignment",
    "set_day",
    "set_member",
    "set_position_roles",
    "set_team_products",
    "set_team_robot",
    "take_back_absence",
    "take_back_exception",
]
