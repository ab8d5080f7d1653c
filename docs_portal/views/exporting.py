"""Manuals that leave the house: on paper for who reads them, as Markdown for who writes them."""

from __future__ import annotations

from tempfile import TemporaryFile

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from catalog.models import Product
from docs_portal import access
from docs_portal.choices import PageStatus
from docs_portal.rendering import papers
from docs_portal.rendering.exporting import write_manual


@login_required
@require_safe
def manual_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The manual as the reader sees it; with `as`, as a holder of that role would (writers)."""
    reader = _reader(request, code)
    if not reader.pages().published().exists():
        raise Http404
    return _pdf(papers.manual_pdf(reader), str(reader.product))


@login_required
@require_safe
def page_pdf(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """The reader's own page of an address."""
    reader = _reader(request, code)
    published = [
        page for page in access.pages_at(reader, slug) if page.status == PageStatus.PUBLISHED
    ]
    if not published:
        raise Http404
    wanted = request.GET.get("page", "")
    page = next((one for one in published if str(one.pk) == wanted), published[0])
    return _pdf(papers.page_pdf(reader, page), page.title)


@login_required
@require_safe
def manual_export(request: HttpRequest, code: str) -> HttpResponseBase:
    """The whole manual as Markdown in a zip archive, which `import_manual` reads again."""
    products = access.writable_products(signed_in(request))
    product: Product = get_object_or_404(products, code=code)
    out = TemporaryFile()  # noqa: SIM115  (the answer closes it when it is sent)
    write_manual(product, out)
    out.seek(0)
    name = f"{product.code}-{timezone.localdate():%Y-%m-%d}.zip"
    return FileResponse(out, as_attachment=True, filename=name, content_type="application/zip")


def _reader(request: HttpRequest, code: str) -> access.Reader:
    as_role = request.GET.get("as", "")[:40]
    product = access.get_product_for_view(code)
    return access.reader_of(signed_in(request), product, timezone.localdate(), as_role)


def _pdf(content: bytes, title: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(False, f"{title}.pdf") or "inline"
    return answer
