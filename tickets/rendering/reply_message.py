"""The mail of a reply carries the whole reply: nobody should have to sign in to read an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.registry import Link, Message, Reader
from core.text import without_mentions
from tickets.models import Comment, Ticket

#: Characters of a reply that a mail carries; longer ones go on behind the link.
REPLY_MAX = 4000


class ReplyMessage:
    """Worded when it leaves: what was withdrawn or may no longer be seen is not said."""

    def compose(
        self, reader: Reader, params: Mapping[str, Any], now: dt.datetime
    ) -> Message | None:
        if not isinstance(reader.user, User):
            return None
        pk = int(str(params["ref"]).removeprefix("OPS-"))
        ticket = Ticket.objects.visible_to(reader.user).filter(pk=pk).first()
        if ticket is None:
            return None
        words = params["words"]
        if "comment" in params:
            comment = Comment.objects.filter(pk=params["comment"], ticket=ticket).first()
            if comment is None or comment.kind != "public":
                return None
            words = without_mentions(comment.body)
        if len(words) > REPLY_MAX:
            words = words[: REPLY_MAX - 1].rstrip() + "…"
        page = "my_ticket" if params.get("mine") else "ticket"
        return Message(
            title=_("%(author)s replied on %(ref)s")
            % {"author": params["author"], "ref": params["ref"]},
            subject=f"{params['ref']} {params['title']}",
            quotes=(words,),
            links=(Link(_("Open in OpsDesk"), reverse(page, args=[pk]), is_first=True),),
            thread=f"ticket-{pk}",
        )
