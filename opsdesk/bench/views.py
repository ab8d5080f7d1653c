"""Reference views: what any signed-in Django page costs here, with nothing of ours in it.

B is the unit of quality.md's speed table: the product's own middleware (session, user), one
query, fifty rows in a plain table drawn by a Django template.
"""

from __future__ import annotations

import secrets

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.utils import timezone

from tickets.models import Comment, Ticket

_TABLE = Engine().from_string(
    """<!doctype html><title>B</title><table>{% for t in tickets %}<tr>
<td>{{ t.pk }}</td><td><a href="/desk/{{ t.pk }}/">{{ t.title }}</a></td><td>{{ t.status }}</td>
<td>{{ t.product.name }}</td><td>{{ t.module.name }}</td><td>{{ t.requester.name }}</td>
<td>{{ t.submitted_at|date:"Y-m-d H:i" }}</td></tr>{% endfor %}</table>"""
)


@login_required
def reference(request: HttpRequest) -> HttpResponse:
    """B: fifty newest tickets with product, module and requester, in one query."""
    tickets = Ticket.objects.select_related("product", "module", "requester").order_by("-pk")[:50]
    return HttpResponse(_TABLE.render(Context({"tickets": tickets})))


@login_required
def bare_reply(request: HttpRequest) -> HttpResponse:
    """The least a reply can be: one row inserted and committed by a signed-in person."""
    comment = Comment.objects.create(
        ticket_id=int(request.GET["ticket"]), author_id=request.user.pk, kind="note", body="…",
        salt=secrets.token_hex(16), created_at=timezone.now(),
    )  # fmt: skip
    return HttpResponse(str(comment.pk))
