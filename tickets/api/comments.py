"""The conversation about a ticket, and the files in it."""

from __future__ import annotations

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.files import open_stored
from tickets.access import get_attachment, get_ticket_for_view, may_read_notes
from tickets.actions import add_comment
from tickets.api import shapes
from tickets.api.endpoint import ONCE, Endpoint, UploadEndpoint, now, parsed, person, responses
from tickets.api.paging import key_page
from tickets.api.serializers import CommentPageSerializer, CommentSerializer


class CommentList(UploadEndpoint):
    @extend_schema(
        operation_id="comments_list",
        summary="Read the conversation",
        description="Oldest first, 50 a page. Internal notes are shown only to those who work on "
        "the ticket.",
        parameters=[shapes.PageSerializer],
        responses=responses({200: CommentPageSerializer}, 400, 404),
    )
    def get(self, request: Request, pk: int) -> Response:
        user = person(request)
        ticket = get_ticket_for_view(user, pk)
        asked = shapes.PageSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = ticket.comments.select_related("author").prefetch_related("attachments__file")
        if not may_read_notes(ticket, user):
            rows = rows.exclude(kind="note")
        page = key_page(rows, request, asked.validated_data, newest_first=False)
        results = CommentSerializer(page.rows, many=True).data
        return Response({"results": results, "next": page.next, "previous": page.previous})

    @extend_schema(
        operation_id="comments_add",
        summary="Write a reply or a note",
        description="A public reply of the requester takes a waiting ticket up again. It never "
        "conflicts with other changes, so it names no version. Files come as multipart.",
        parameters=[ONCE],
        request={
            "application/json": shapes.CommentInputSerializer,
            "multipart/form-data": shapes.CommentInputSerializer,
        },
        responses=responses({201: CommentSerializer}, 400, 404, 409, 422),
    )
    def post(self, request: Request, pk: int) -> Response:
        user = person(request)
        ticket = get_ticket_for_view(user, pk)
        values = parsed(shapes.CommentInputSerializer, request)

        def act() -> Response:
            comment = add_comment(ticket, **values, acting_user=user, now=now())
            return Response(CommentSerializer(comment).data, status=201)

        return self.act_once(act)


class AttachmentDetail(Endpoint):
    @extend_schema(
        operation_id="attachments_read",
        summary="Read a file",
        description="The bytes of a file of a ticket the asking person may see.",
        responses=responses({(200, "application/octet-stream"): OpenApiTypes.BINARY}, 404),
    )
    def get(self, request: Request, pk: int) -> FileResponse:
        attachment = get_attachment(person(request), pk)
        return FileResponse(
            open_stored(attachment.file),
            as_attachment=True,
            filename=attachment.name,
            content_type="application/octet-stream",
            headers={"X-Content-Type-Options": "nosniff"},
        )
