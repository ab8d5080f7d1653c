"""A manual, or one page of it, on paper: only what its reader may see."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import files as stored_files
from core import printing
from core.errors import Problem
from core.pictures import pixels_of
from docs_portal.access import Reader, tree_of
from docs_portal.choices import PageStatus
from docs_portal.models import Page
from docs_portal.policies import anchors_for, body_for, parts_of
from docs_portal.policies.links import file_in, is_outside, page_in
from docs_portal.rendering.markdown import Targets, targets_of
from docs_portal.rendering.nodes import Node, nodes_of
from docs_portal.rendering.pages import Branch, tree

#: What Typst can draw; anything else stands as its words.
_DRAWN = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp"))
#: Characters of text in one paper: some 1,500 sheets, set in half a minute on a busy machine.
TEXT_MAX = 2_000_000
#: Bytes and pixels of the pictures in one paper, and pixels of one of them: a photograph of a good
#: camera; more would not be printed by anybody.
_PICTURES_MAX, _PIXELS_MAX, _PIXELS_OF_ONE = 80_000_000, 400_000_000, 64_000_000


@dataclass
class _Paper:
    """What one paper is made of, while it is made."""

    reader: Reader
    targets: Targets
    #: Labels that a link of the paper may lead to.
    labels: set[str] = field(default_factory=set)
    pictures: dict[str, bytes] = field(default_factory=dict)
    #: Names of pictures that stand as their words.
    left_out: frozenset[str] = frozenset()
    weight: int = 0
    pixels: int = 0


def manual_pdf(reader: Reader) -> bytes:
    """The whole manual as the reader sees it: published pages in the order of their tree.

    Raises printing.PaperTooLong naming how long it is; NoFontError, PrintingBusy.
    """
    pages = tree_of(reader).filter(status=PageStatus.PUBLISHED)
    branches = tree(pages.select_related("published_revision"))
    return _pdf(reader, str(reader.product), list(_walk(branches, 0)))


def page_pdf(reader: Reader, page: Page) -> bytes:
    """One published page as the reader sees it. Raises printing.NoFontError."""
    return _pdf(reader, page.title, [(0, page)])


def _walk(branches: Sequence[Branch], depth: int) -> Iterator[tuple[int, Page]]:
    for branch in branches:
        yield depth, branch.page
        yield from _walk(branch.below, depth + 1)


def _pdf(reader: Reader, title: str, pages: Sequence[tuple[int, Page]]) -> bytes:
    """The paper; pictures that are broken inside stand as their words."""
    try:
        return _printed(reader, title, pages, frozenset())
    except printing.BrokenPictures as broken:
        return _printed(reader, title, pages, broken.names)


def _printed(
    reader: Reader, title: str, pages: Sequence[tuple[int, Page]], left_out: frozenset[str]
) -> bytes:
    bodies = [_body(reader, page) for _depth, page in pages]
    _require_printable(sum(map(len, bodies)))
    paper = _Paper(reader, targets_of(bodies), left_out=left_out)
    for (_depth, page), body in zip(pages, bodies, strict=True):
        paper.labels.add(f"p{page.pk}")
        paper.labels.update(f"p{page.pk}:{anchor}" for anchor in _anchors(reader, body))
    drawn = [
        {
            "title": page.title, "depth": depth, "label": f"p{page.pk}",
            "lead": _lead(page), "blocks": _blocks(paper, page, body),
        }
        for (depth, page), body in zip(pages, bodies, strict=True)
    ]  # fmt: skip
    today = date_format(timezone.localdate(), "DATE_FORMAT")
    roles = reader.roles if not reader.writes else ()
    data = {
        "title": title, "pages": drawn,
        "lead": _(", ").join(role.name for role in roles) or str(reader.product),
        "foot": f"{reader.product} · {today}",
    }  # fmt: skip
    return printing.pdf("manual.typ", data, paper.pictures)


def _require_printable(length: int) -> None:
    if length > TEXT_MAX:
        raise printing.PaperTooLong(
            Problem(
                "", _("It has %(count)s characters; a PDF takes at most %(most)s.")
                % {"count": f"{length:,}", "most": f"{TEXT_MAX:,}"},
                _("Print its pages one by one, each from its own address."), str(length),
            )
        )  # fmt: skip


def _body(reader: Reader, page: Page) -> str:
    """The published text, as far as the reader reads it; for writers all of it, with its marks."""
    body = page.published_revision.body if page.published_revision is not None else ""
    return body if reader.codes is None else body_for(body, reader.codes)


def _anchors(reader: Reader, body: str) -> list[str]:
    return anchors_for(body, None if reader.codes is None else reader.codes)


def _lead(page: Page) -> str:
    revision = page.published_revision
    if revision is None:
        return ""
    return _("%(kind)s · revision %(number)s · %(day)s") % {
        "kind": page.get_kind_display(), "number": revision.number,
        "day": date_format(timezone.localdate(revision.created_at), "SHORT_DATE_FORMAT"),
    }  # fmt: skip


def _blocks(paper: _Paper, page: Page, body: str) -> list[Node]:
    reader = paper.reader
    anchors = iter(_anchors(reader, body))
    if reader.codes is not None:
        nodes = nodes_of(body)
    else:
        names = dict(reader.product.roles.values_list("code", "name")) if ":::" in body else {}
        nodes = [node for part in parts_of(body) for node in _part(part, names)]
    used: set[str] = set()
    for node in _every(nodes):
        if node["type"] == "heading":
            # A heading without a place of its own has a label nothing leads to.
            wanted = f"p{page.pk}:{next(anchors, '')}"
            fresh = wanted in paper.labels and wanted not in used
            node["label"] = wanted if fresh else f"p{page.pk}-{len(used)}"
            used.add(node["label"])
        elif node["type"] == "link":
            node |= _link(paper, node["href"])
        elif node["type"] == "image":
            node["file"] = _picture(paper, node["src"])
    return nodes


def _part(part: tuple[Collection[str], str], names: Mapping[str, str]) -> list[Node]:
    codes, text = part
    if not codes:
        return nodes_of(text)
    roles = _(", ").join(sorted(names.get(code, code) for code in codes))
    title = _("Only for %(roles)s") % {"roles": roles}
    return [{"type": "callout", "kind": "roles", "title": title, "blocks": nodes_of(text)}]


def _every(nodes: Sequence[Node]) -> Iterator[Node]:
    """Every node, those inside others too, in the order they are read."""
    for node in nodes:
        yield node
        inside: list[Any] = [node.get("inline", ()), node.get("blocks", ())]
        inside += node.get("items", ())
        inside += [cell for row in node.get("rows", ()) for cell in row]
        for below in inside:
            yield from _every(below)


def _link(paper: _Paper, target: str) -> dict[str, str]:
    """Where a link leads on paper: to a place in it, else to the address on the screen."""
    key = page_in(target)
    if key is not None:
        for label in (f"p{key[0]}:{key[1]}", f"p{key[0]}"):
            if label in paper.labels:
                return {"label": label, "href": ""}
    address = paper.targets.address(target) or ""
    if address.startswith("/"):
        address = settings.BASE_URL.rstrip("/") + address
    return {"label": "", "href": address if is_outside(address) else ""}


def _picture(paper: _Paper, target: str) -> str:
    """The name of the file a picture is drawn from; "" for what cannot be drawn."""
    pk = file_in(target)
    file = paper.targets.files.get(pk) if pk is not None else None
    if file is None or file.content_type not in _DRAWN:
        return ""
    name = f"picture-{file.pk}.{file.content_type.rpartition('/')[2]}"
    if name in paper.pictures:
        return name
    if name in paper.left_out or paper.weight + file.file.size > _PICTURES_MAX:
        return ""
    with stored_files.open_stored(file.file) as content:
        picture = content.read()
    pixels = pixels_of(picture)
    if pixels is None or pixels > min(_PIXELS_OF_ONE, _PIXELS_MAX - paper.pixels):
        return ""
    paper.pictures[name] = picture
    paper.weight, paper.pixels = paper.weight + len(picture), paper.pixels + pixels
    return name
