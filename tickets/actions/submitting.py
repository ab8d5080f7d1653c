"""Submit a ticket, and edit what is known about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of, team_for
from catalog.choices import PermissionRole
from catalog.models import Module, Product
from core import events
from core.errors import BadInput, NotAllowed, Problem
from core.text import derived_title
from core.uploads import kept_name
from docs_portal.access import may_read
from docs_portal.models import Page
from tickets import sla
from tickets.actions.assigning import assign_new
from tickets.actions.attaching import attach_files, check_files, too_many
from tickets.actions.drafting import send_submit_draft
from tickets.actions.fields import checked_custom
from tickets.actions.saving import announce_to_rules, key_of, save, send_news, take
from tickets.choices import Channel, Impact, Type, Urgency, priority_of
from tickets.models import SubmitDraft, SubmitDraftFile, Ticket, TicketLink, Watcher

DESCRIPTION_MAX = 20_000
TITLE_MAX = 200
#: People who may be let in with a submission; more are added on the ticket.
WATCHERS_MAX = 20
#: Channels whose words are the requester's own, whoever brings them in.
BROUGHT_IN = (Channel.CHAT, Channel.MAIL)

#: What `edit_ticket` accepts: a person's name for a field → the column that holds it.
EDITABLE: dict[str, str] = {
    "title": "title", "description": "description", "product": "product_id",
    "module": "module_id", "module_not_sure": "module_not_sure", "feature": "feature_id",
    "type": "type", "impact": "impact", "urgency": "urgency", "confidential": "confidential",
    "suspected_module": "suspected_module_id", "suspected_category": "suspected_category",
    "suspected_cause": "suspected_cause", "evidence": "evidence",
    "answer_page": "answer_page_id", "answer_gap": "answer_gap", "quote": "quote",
    "scenario": "scenario", "frequency": "frequency", "custom": "custom",
}  # fmt: skip


@dataclass
class TicketDraft:
    """What a person, a program or an agent on their behalf hands in."""

    product: Product
    description: str
    requester: User | None = None
    title: str = ""
    module: Module | None = None
    module_not_sure: bool = False
    impact: int = Impact.ONLY_ME
    urgency: int = Urgency.NORMAL
    type: str = ""
    channel: str = Channel.FORM
    files: Sequence[UploadedFile] = ()
    custom: Mapping[str, Any] = field(default_factory=dict)
    follows: Ticket | None = None
    confidential: bool = False
    #: Files under a custom field, by its key.
    field_files: Mapping[str, Sequence[UploadedFile]] = field(default_factory=dict)
    #: Colleagues who follow it from the start.
    watchers: Sequence[User] = ()
    #: The page of the product the person came from, and their browser.
    opened_from: str = ""
    browser: str = ""
    #: What was kept on the server while it was written: its files come along, and it is gone.
    begun: SubmitDraft | None = None


def submit_ticket(draft: TicketDraft, *, acting_user: User, now: dt.datetime) -> Ticket:
    """A new ticket for the acting person, or by staff on behalf of a colleague.

    Raises BadInput naming each field that cannot be accepted; nothing is written then.
    """
    requester = draft.requester or acting_user
    waiting = list(draft.begun.files.order_by("pk")) if draft.begun is not None else []
    custom = _check_draft(draft, requester, acting_user, waiting)
    _check_files(draft, waiting)
    title = draft.title.strip() or derived_title(draft.description)
    ticket = Ticket(
        title=title,
        description=draft.description.strip(),
        product=draft.product,
        module=draft.module,
        module_not_sure=draft.module is None and draft.module_not_sure,
        requester=requester,
        submitted_by=acting_user,
        department=requester.department,
        type=draft.type,
        impact=draft.impact,
        urgency=draft.urgency,
        priority=priority_of(draft.impact, draft.urgency),
        team=team_for(draft.product),
        channel=_channel(draft, requester == acting_user),
        confidential=draft.confidential,
        custom=custom,
        opened_from=draft.opened_from,
        browser=draft.browser,
        submitted_at=now,
        updated_at=now,
    )
    for name, value in sla.columns(sla.due_times(ticket), ticket).items():
        setattr(ticket, name, value)
    with transaction.atomic():
        event = events.create(
            ticket, "submit", actor_id=acting_user.pk, now=now, data=_said_with_it(draft, requester)
        )
        # The reference is part of what search finds, and is known only now.
        Ticket.objects.filter(pk=ticket.pk).update(search_key=key_of(ticket))
        attach_files(ticket, None, draft.files, acting_user=acting_user, now=now)
        for key, files in draft.field_files.items():
            attach_files(ticket, None, files, field_key=key, acting_user=acting_user, now=now)
        if draft.begun is not None:
            send_submit_draft(ticket, draft.begun, waiting, acting_user=acting_user, now=now)
        Watcher.objects.bulk_create(
            Watcher(ticket=ticket, user=user, added_by=acting_user, created_at=now)
            for user in dict.fromkeys(draft.watchers) if user != requester
        )  # fmt: skip
        if draft.follows is not None:
            TicketLink.objects.create(
                source=ticket, target=draft.follows, kind=TicketLink.Kind.FOLLOWS,
                created_by=acting_user, created_at=now,
            )  # fmt: skip
        send_news(ticket, event, "submitted", now=now)
        announce_to_rules(ticket, event, now=now)
        return assign_new(ticket, now=now)


def _channel(draft: TicketDraft, is_own: bool) -> str:
    """The way in; what staff type for somebody is on behalf, unless it came by mail or chat."""
    return draft.channel if is_own or draft.channel in BROUGHT_IN else Channel.ON_BEHALF


def _said_with_it(draft: TicketDraft, requester: User) -> dict[str, Any] | None:
    """Who follows it from the start: additions that have no column of their own."""
    watching = [user.pk for user in dict.fromkeys(draft.watchers) if user != requester]
    return {"watcher_ids": watching} if watching else None


def _check_files(draft: TicketDraft, waiting: Sequence[SubmitDraftFile]) -> None:
    """Each file on its own, and all of them together: those of fields, and those that waited."""
    check_files([*draft.files, *(file for files in draft.field_files.values() for file in files)])
    own = len(draft.files) + sum(not file.field_key for file in waiting)
    if own > settings.ATTACHMENT_MAX_COUNT:
        raise BadInput(too_many(own))


def _check_draft(
    draft: TicketDraft, requester: User, acting_user: User, waiting: Sequence[SubmitDraftFile]
) -> dict[str, Any]:
    """Everything that is wrong at once; the custom values as they are stored."""
    problems: list[Problem] = []
    if not draft.description.strip():
        problems.append(
            Problem("description", _("Say what happened."), _("One sentence is enough."))
        )
    elif len(draft.description) > DESCRIPTION_MAX:
        problems.append(
            Problem(
                "description", _("The description is too long."),
                _("Use at most 20,000 characters; attach the rest as a file."),
                str(len(draft.description)),
            )
        )  # fmt: skip
    elif not (draft.title.strip() or derived_title(draft.description)):
        problems.append(
            Problem(
                "description", _("The description has no words."),
                _("Say what happened in a sentence."), draft.description[:40],
            )
        )  # fmt: skip
    if len(draft.title) > TITLE_MAX:
        problems.append(
            Problem(
                "title", _("The title is too long."), _("Use at most 200 characters."),
                str(len(draft.title)),
            )
        )  # fmt: skip
    if not draft.product.is_active:
        problems.append(
            Problem(
                "product", _("This product is not in use any more."),
                _("Choose another one, or “Other / not sure”."), draft.product.name,
            )
        )  # fmt: skip
    problems += _module_problems(draft.product.pk, draft.module)
    problems += _choice_problems({"impact": draft.impact, "urgency": draft.urgency})
    if draft.type and draft.type not in Type.values:
        problems.append(_unknown("type", draft.type, Type.values))
    problems += _context_problems(draft)
    problems += _watcher_problems(draft.watchers)
    custom: dict[str, Any] = {}
    try:
        custom = checked_custom(
            draft.product, draft.module, draft.type, draft.custom,
            files=_names_of_files(draft, waiting), channel=draft.channel,
        )  # fmt: skip
    except BadInput as refusal:
        problems += refusal.problems
    if problems:
        raise BadInput(*problems)
    if requester != acting_user and not rights_of(acting_user).has(PermissionRole.AGENT):
        raise NotAllowed(
            Problem(
                "requester", _("You may submit only for yourself."),
                _("Ask product operations to submit for a colleague."), requester.name,
            )
        )  # fmt: skip
    return custom


def _names_of_files(draft: TicketDraft, waiting: Sequence[SubmitDraftFile]) -> dict[str, list[str]]:
    """Names of the files of each custom field, those that waited first."""
    found: dict[str, list[str]] = {}
    for kept in waiting:
        if kept.field_key:
            found.setdefault(kept.field_key, []).append(kept.name)
    for key, files in draft.field_files.items():
        found.setdefault(key, []).extend(kept_name(file.name or "") for file in files)
    return found


def _context_problems(draft: TicketDraft) -> list[Problem]:
    limits = (("opened_from", draft.opened_from, 1000), ("browser", draft.browser, 400))
    return [
        Problem(
            name, _("This text is too long."),
            _("Shorten it; the limit is %(limit)s characters.") % {"limit": limit},
            text[:60] + "…",
        )
        for name, text, limit in limits if len(text) > limit
    ]  # fmt: skip


def _watcher_problems(watchers: Sequence[User]) -> list[Problem]:
    problems = [
        Problem(
            "watchers", _("This person has no working account."),
            _("Choose somebody who can sign in."), user.name,
        )
        for user in watchers if not user.is_active or user.imported
    ]  # fmt: skip
    if len(watchers) > WATCHERS_MAX:
        problems.append(
            Problem(
                "watchers", _("These are too many people."),
                _("Name at most %(count)s.") % {"count": WATCHERS_MAX}, str(len(watchers)),
            )
        )  # fmt: skip
    return problems


def _module_problems(product_id: int, module: Module | None) -> list[Problem]:
    if module is None or module.product_id == product_id:
        return []
    return [
        Problem(
            "module", _("This module belongs to another product."),
            _("Choose a module of the ticket's product, or “not sure”."), module.name,
        )
    ]  # fmt: skip


def _choice_problems(values: Mapping[str, Any]) -> list[Problem]:
    allowed: dict[str, list[Any]] = {"impact": Impact.values, "urgency": Urgency.values}
    return [
        _unknown(name, value, allowed[name])
        for name, value in values.items()
        if value not in allowed[name]
    ]


def _unknown(name: str, value: Any, allowed: Sequence[Any]) -> Problem:
    return Problem(
        name, _("This value is not one of the choices."),
        ", ".join(str(choice) for choice in allowed), str(value),
    )  # fmt: skip


def edit_ticket(
    ticket: Ticket,
    fields: Mapping[str, Any],
    *,
    acting_user: User | None,
    now: dt.datetime,
    seen_version: int | None = None,
    field_files: Mapping[str, Sequence[UploadedFile]] = MappingProxyType({}),
) -> Ticket:
    """Change what is known about a ticket: its place, type, weight and contract rows.

    `custom` changes the values it names and leaves the others; files under custom fields join
    those that are there. `fields` maps names of `EDITABLE` to values (rows or plain values).
    Changing the product forgets module, feature and suspected module of the old one; a page
    closes the gap and the other way round. Raises BadInput, StaleWrite, NotAllowed, WrongState.
    """
    columns = _columns(fields)
    with transaction.atomic():
        row = take(ticket, "edit", acting_user, seen_version, columns)
        columns = _consistent(row, columns)
        if "custom" in columns or any(field_files.values()):
            columns["custom"] = _custom_after(row, columns, field_files)
        _check_columns(row, columns, now)
        # A save that changes nothing leaves no event: it was no change.
        if any(getattr(row, name) != value for name, value in columns.items()):
            save(row, "edit", user=acting_user, now=now, fields=columns)
        for key, files in field_files.items():
            if acting_user is not None:
                attach_files(row, None, files, field_key=key, acting_user=acting_user, now=now)
    return row


def _custom_after(
    ticket: Ticket,
    columns: Mapping[str, Any],
    field_files: Mapping[str, Sequence[UploadedFile]],
) -> dict[str, Any]:
    """The custom values as they stand after this edit, of the place and type it leads to."""
    check_files([file for files in field_files.values() for file in files])
    product_id = columns.get("product_id", ticket.product_id)
    module_id = columns.get("module_id", ticket.module_id)
    same_place = (product_id, module_id) == (ticket.product_id, ticket.module_id)
    return checked_custom(
        ticket.product if same_place else Product.objects.get(pk=product_id),
        ticket.module if same_place else Module.objects.filter(pk=module_id).first(),
        columns.get("type", ticket.type),
        columns.get("custom") or {},
        files={
            key: [kept_name(file.name or "") for file in files]
            for key, files in field_files.items()
        },
        stored=ticket.custom,
    )  # fmt: skip


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [name for name in fields if name not in EDITABLE]
    if unknown:
        raise BadInput(
            *(
                Problem(
                    name, _("This field cannot be changed here."), ", ".join(sorted(EDITABLE)),
                    str(fields[name]),
                )
                for name in unknown
            )
        )  # fmt: skip
    return {
        EDITABLE[name]: value.pk if isinstance(value, models.Model) else value
        for name, value in fields.items()
    }


def _consistent(ticket: Ticket, columns: dict[str, Any]) -> dict[str, Any]:
    """Columns that must move together with the ones being set."""
    result = dict(columns)
    if result.get("product_id", ticket.product_id) != ticket.product_id:
        for name in ("module_id", "feature_id", "suspected_module_id"):
            result.setdefault(name, None)
        team = team_for(Product.objects.get(pk=result["product_id"]))
        if team is not None and ticket.assignee_id is None:
            result["team_id"] = team.pk
    if result.get("module_id"):
        result["module_not_sure"] = False
    elif result.get("module_not_sure"):
        result["module_id"] = None
    if result.get("answer_page_id"):
        result["answer_gap"] = False
    elif result.get("answer_gap"):
        result["answer_page_id"] = None
    if {"impact", "urgency"} & result.keys():
        _raise(_choice_problems({k: result[k] for k in ("impact", "urgency") if k in result}))
        result["priority"] = priority_of(
            result.get("impact", ticket.impact), result.get("urgency", ticket.urgency)
        )
    return result


def _page_problems(ticket: Ticket, page_id: int | None, now: dt.datetime) -> list[Problem]:
    """A page answers only who can open it: it must be one of the requester's own role."""
    if not page_id or page_id == ticket.answer_page_id:
        return []
    page = Page.objects.filter(pk=page_id).first()
    if page is not None and may_read(page, ticket.requester, timezone.localdate(now)):
        return []
    return [
        Problem(
            "answer_page", _("The requester cannot open this page in their role."),
            _("Choose a page for their role, or mark a gap."), str(page_id),
        )
    ]  # fmt: skip


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise BadInput(*problems)


def _check_columns(ticket: Ticket, columns: Mapping[str, Any], now: dt.datetime) -> None:
    problems: list[Problem] = []
    product_id = columns.get("product_id", ticket.product_id)
    if product_id is None:
        problems.append(Problem("product", _("The product is missing."), _("Choose a product.")))
    problems += _page_problems(ticket, columns.get("answer_page_id"), now)
    for column, name in (("module_id", "module"), ("suspected_module_id", "suspected_module")):
        if columns.get(column):
            module = Module.objects.filter(pk=columns[column]).first()
            if module is None or module.product_id != product_id:
                problems.append(
                    Problem(
                        name, _("This module belongs to another product."),
                        _("Choose a module of the ticket's product, or “not sure”."),
                        str(module or columns[column]),
                    )
                )  # fmt: skip
    if columns.get("type") and columns["type"] not in Type.values:
        problems.append(_unknown("type", columns["type"], Type.values))
    for name, limit in (("title", TITLE_MAX), ("frequency", 80), ("description", DESCRIPTION_MAX)):
        if len(columns.get(name) or "") > limit:
            problems.append(
                Problem(
                    name, _("This text is too long."),
                    _("Shorten it; the limit is %(limit)s characters.") % {"limit": limit},
                    str(len(columns[name])),
                )
            )  # fmt: skip
    problems += [
        Problem(name, _("This text is missing."), _("Write a few words."))
        for name in ("title", "description")
        if name in columns and not columns[name].strip()
    ]
    _raise(problems)
