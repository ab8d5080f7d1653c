"""The explore pages, their files, and the live rows behind their figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.sheets import XLSX_TYPE, csv_lines, download, xlsx_bytes
from reports.access import people_seen_by, scope_of
from reports.forms import FILTERED, ExploreChoices, ExploreForm
from reports.models import LiveRow
from reports.policies.explore.backlog import within_band
from reports.policies.explore.naming import Names
from reports.policies.explore.reading import count_rows, rows_of, standing_rows
from reports.querysets import LiveRowQuerySet, row_key
from reports.rendering.explore.blocks import Ask, Explored, tables_of
from reports.rendering.explore.listing import (
    STANDING,
    LiveLine,
    is_share,
    label_of_rows,
    lines_of,
    rows_table,
    summary_of,
)
from reports.rendering.explore.pages import PAGES, ExplorePage
from reports.rendering.explore.trends import FIGURES_OFFERED, FLOW, label_of, splits_of
from reports.rendering.list_columns import columns_of, part_labels
from tickets.views.requests import SignedInRequest

PAGE = 50
KINDS = ("xlsx", "csv")
_BATCH = 2_000
#: What only lists are narrowed by.
_OF_ROWS = ("step", "reason", "cause", "types")


@login_required
@require_GET
def explore(request: SignedInRequest) -> HttpResponse:
    scope_of(request.user)
    return redirect("explore_page", "trends")


@login_required
@require_GET
def explore_page(request: SignedInRequest, kind: str) -> HttpResponse:
    page = _page_or_404(request, kind)
    form, explored = _explored(request, page)
    query = request.GET.urlencode()
    files = [
        (name.upper(), reverse("explore_file", args=[kind, name]) + (f"?{query}" if query else ""))
        for name in KINDS
    ]
    context = {
        "form": form, "explored": explored, "kind": kind, "page": page, "files": files,
        "pages": _tabs(request, kind), "fields": list(form), "is_asked": bool(request.GET),
    }  # fmt: skip
    status = 200 if explored is not None else 400
    return render(request, "reports/explore/page.html", context, status=status)


@login_required
@require_GET
def explore_file(request: SignedInRequest, kind: str, file: str) -> HttpResponse:
    """The page's figures: a workbook with a sheet per block, or one CSV under headings."""
    page = _page_or_404(request, kind)
    if file not in KINDS:
        raise Http404
    _form, explored = _explored(request, page)
    if explored is None:
        return redirect(f"{reverse('explore_page', args=[kind])}?{request.GET.urlencode()}")
    name = f"opsdesk-{kind}.{file}"
    tables = tables_of(explored)
    if file == "xlsx":
        return download(xlsx_bytes(tables), name, XLSX_TYPE)
    return download(csv_lines(*tables), name, "text/csv; charset=utf-8")


@login_required
@require_GET
def explore_rows(request: SignedInRequest, figure: str) -> HttpResponse:
    """The rows a figure counts, as of now, a page at a time by key."""
    ask, form, rows = _listed(request, figure)
    label = label_of_rows(figure)
    context: dict[str, Any] = {
        "form": form, "label": label, "standing": figure in STANDING, "lines": [],
    }  # fmt: skip
    if rows is None or ask is None:
        return render(request, "reports/explore/rows.html", context, status=400)
    wanted = {key: str(value) for key, value in request.GET.items() if key != "after"}
    after = request.GET.get("after", "")
    shown = list(rows.newest_first(after)[: PAGE + 1])
    total, met = _length(request, ask, figure, rows)
    base = reverse("explore_rows", args=[figure])
    lines = lines_of(shown[:PAGE], request.user, ask.names, ask.asked.now)
    context |= {
        "total": total,
        "lines": lines,
        "columns": columns_of(figure, lines),
        "narrowed": _narrowed(ask, wanted),
        "summary": summary_of(figure, total, met),
        "first_url": f"{base}?{urlencode(wanted)}" if after else "",
        "next_url": f"{base}?{urlencode({**wanted, 'after': _key_of(shown[PAGE - 1])})}"
        if len(shown) > PAGE
        else "",
        "shown": _("%(shown)s of %(total)s") % {"shown": len(shown[:PAGE]), "total": total},
        "tabs": _parts(base, wanted, figure) if is_share(figure) else [],
        "files": [
            (kind.upper(), reverse("explore_rows_file", args=[figure, kind]) +
             f"?{urlencode(wanted)}")
            for kind in KINDS
        ],
    }  # fmt: skip
    return render(request, "reports/explore/rows.html", context)


@login_required
@require_GET
def explore_rows_file(request: SignedInRequest, figure: str, file: str) -> HttpResponse:
    """Exactly the rows the figure's list shows."""
    ask, _form, rows = _listed(request, figure)
    if file not in KINDS:
        raise Http404
    if rows is None or ask is None:
        return redirect(f"{reverse('explore_rows', args=[figure])}?{request.GET.urlencode()}")
    table = rows_table(figure, _all_lines(rows, ask))
    name = f"opsdesk-{figure}.{file}"
    if file == "csv":
        return download(csv_lines(table), name, "text/csv; charset=utf-8")
    return download(xlsx_bytes([table]), name, XLSX_TYPE)


def _page_or_404(request: SignedInRequest, kind: str) -> ExplorePage:
    """Raises PermissionDenied for who reads no reports, Http404 for a name that is no page."""
    scope_of(request.user)
    if kind not in PAGES:
        raise Http404
    return PAGES[kind]


def _tabs(request: SignedInRequest, current: str) -> list[dict[str, Any]]:
    """Every page, keeping what is asked as far as the page can be asked it."""
    tabs = []
    for kind, page in PAGES.items():
        kept = {k: str(value) for k, value in request.GET.items() if k in page.uses and value}
        if kind != current:
            kept = {key: value for key, value in kept.items() if key not in ("figure", "split")}
        query = f"?{urlencode(kept)}" if kept else ""
        url = reverse("explore_page", args=[kind]) + query
        tabs.append({"label": page.label, "url": url, "current": kind == current})
    # Its figures and lists stand where the sessions are.
    tabs.append({"label": _("Self-service"), "url": reverse("self_service"), "current": False})
    tabs.append({"label": _("Looking ahead"), "url": reverse("ahead"), "current": False})
    return tabs


def _explored(request: SignedInRequest, page: ExplorePage) -> tuple[ExploreForm, Explored | None]:
    """The form as asked, and the page; None where the question cannot be answered."""
    scope, people, names = scope_of(request.user), people_seen_by(request.user), Names()
    figure = request.GET.get("figure") or FLOW
    form = ExploreForm(
        request.GET,
        choices=ExploreChoices(names, scope, people),
        uses=page.uses,
        figures=[(name, label_of(name)) for name in FIGURES_OFFERED],
        splits=splits_of(figure) if figure in FIGURES_OFFERED else (),
    )
    if not form.is_valid():
        return form, None
    try:
        asked = form.question(timezone.now(), people)
    except ValueError:
        return form, None
    # The form shows what is answered, also where nothing was asked.
    given = {name: value for name, value in request.GET.items() if value}
    form.data = {"from": asked.first.isoformat(), "to": asked.last.isoformat(), **given}
    return form, page.build(Ask(asked, scope, request.user, names))


def _listed(
    request: SignedInRequest, figure: str
) -> tuple[Ask | None, ExploreForm, LiveRowQuerySet | None]:
    """Raises Http404 for a name that is no figure."""
    scope, people, names = scope_of(request.user), people_seen_by(request.user), Names()
    try:
        label_of_rows(figure)
    except KeyError as error:
        raise Http404(figure) from error
    uses = ("from", "to", *FILTERED)
    form = ExploreForm(request.GET, choices=ExploreChoices(names, scope, people), uses=uses)
    if not form.is_valid():
        return None, form, None
    asked = form.listed(timezone.now(), people, request.GET)
    ask = Ask(asked, scope, request.user, names)
    rows = (standing_rows if figure in STANDING else rows_of)(asked, scope, figure)
    for name in _OF_ROWS:
        rows = rows.narrowed(name, request.GET.get(name))
    rows = within_band(rows, request.GET.get("age"), asked.now)
    if request.GET.get("part") in ("met", "missed"):
        rows = rows.filter(amount=int(request.GET["part"] == "met"))
    return ask, form, rows


def _length(
    request: SignedInRequest, ask: Ask, figure: str, rows: LiveRowQuerySet
) -> tuple[int, int]:
    """How many rows the list has, and how many of a share's were met."""
    part = request.GET.get("part")
    if figure in STANDING or any(name in request.GET for name in (*_OF_ROWS, "age")):
        return rows.count(), rows.filter(amount=1).count() if is_share(figure) else 0
    counted = count_rows(ask.asked, ask.scope, figure)
    if part == "missed":
        return counted.rows - counted.met, 0
    return (counted.met if part == "met" else counted.rows), counted.met


def _narrowed(ask: Ask, wanted: dict[str, str]) -> list[str]:
    """What the list is narrowed to, in words."""
    return [
        ask.names.of(name, value)
        for name, value in wanted.items()
        if name in FILTERED or name == "reason"
    ]


def _parts(base: str, wanted: dict[str, str], figure: str) -> list[dict[str, Any]]:
    current = wanted.get("part", "")
    labels = dict(zip(("", "met", "missed"), part_labels(figure), strict=True))
    return [
        {"label": label, "url": f"{base}?{urlencode({**wanted, 'part': part})}",
         "current": part == current}
        for part, label in labels.items()
    ]  # fmt: skip


def _all_lines(rows: LiveRowQuerySet, ask: Ask) -> Iterator[LiveLine]:
    after = ""
    while batch := list(rows.newest_first(after)[:_BATCH]):
        yield from lines_of(batch, ask.user, ask.names, ask.asked.now)
        after = _key_of(batch[-1])


def _key_of(row: LiveRow) -> str:
    return row_key(row.at, row.pk)
