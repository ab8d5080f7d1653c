"""The only writers of people, departments and positions."""

from accounts.actions.channels import remove_chat_address, set_chat_address
from accounts.actions.company import name_company
from accounts.actions.departments import create_department, edit_department
from accounts.actions.importing import (
    carry_out_people_import,
    go_on_with_people,
    start_people_import,
)
from accounts.actions.inbox import mark_all_read, mark_read, mark_seen, mark_unread
from accounts.actions.links import mail_sign_in_link, make_sign_in_link
from accounts.actions.people import (
    PersonDraft,
    activate_person,
    create_person,
    deactivate_person,
    edit_person,
    mark_left,
    set_password,
)
from accounts.actions.positions import create_position, rename_position
from accounts.actions.preferences import save_preferences
from accounts.actions.sign_in import (
    clear_sign_in_failures,
    forget_old_failures,
    record_sign_in_failure,
    request_password_reset,
)
from accounts.actions.telling import (
    follow_house,
    resume_mails,
    save_telling,
    stop_mails,
    try_address_again,
)
from accounts.actions.tokens import issue_token, mark_token_used, revoke_token

__all__ = [
    "PersonDraft",
    "activate_person",
    "carry_out_people_import",
    "clear_sign_in_failures",
    "create_department",
    "create_person",
    "create_position",
    "deactivate_person",
    "edit_department",
    "edit_person",
    "follow_house",
    "forget_old_failures",
    "go_on_with_people",
    "issue_token",
    "mail_sign_in_link",
    "make_sign_in_link",
    "mark_all_read",
    "mark_left",
    "mark_read",
    "mark_seen",
    "mark_token_used",
    "mark_unread",
    "name_company",
    "record_sign_in_failure",
    "remove_chat_address",
    "rename_position",
    "request_password_reset",
    "resume_mails",
    "revoke_token",
    "save_preferences",
    "save_telling",
    "set_chat_address",
    "set_password",
    "start_people_import",
    "stop_mails",
    "try_address_again",
]
