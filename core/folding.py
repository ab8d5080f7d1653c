"""Templates whose fixed parts are drawn once for a language, not once for a page.

Half of what a page draws is the same for everybody who reads it in one language: words, icons,
keys, addresses without a number. The loader puts such neighbours together when a template is read;
they are drawn on the first page of a language that needs them, and are one text from then on.
Catalogues, addresses and the sprite are read once a process, so nothing can make a text old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.template.base import (
    FilterExpression,
    Node,
    NodeList,
    Template,
    TextNode,
    Variable,
)
from django.template.context import Context
from django.template.defaulttags import CommentNode, IfNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

_Tag = TypeVar("_Tag", bound=Callable[..., Any])
_Key = tuple[str | None, bool, str]
_FIXED_TAGS: set[Callable[..., Any]] = set()


def fixed(tag: _Tag) -> _Tag:
    """Marks the function of a simple tag: what it draws follows from its inputs and the language.

    Below `@register.simple_tag`, or around the function given to it.
    """
    _FIXED_TAGS.add(tag)
    return tag


class FixedNode(Node):
    """Neighbours that are the same on every page of a language."""

    child_nodelists = ()

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.has_address = any(isinstance(node, URLNode) for node in nodes)
        self.drawn: dict[_Key, SafeString] = {}
        # Where a failure is reported.
        self.token, self.origin = nodes[0].token, nodes[0].origin

    def render(self, context: Context) -> SafeString:
        key = _key(context, self.has_address)
        if (text := self.drawn.get(key)) is None:
            text = SafeString("".join(str(node.render_annotated(context)) for node in self.nodes))
            self.drawn[key] = text
        return text


class FixedValueNode(Node):
    """`{% url "desk" as desk_url %}`, `{% translate "…" as word %}`: a name for a fixed value."""

    child_nodelists = ()

    def __init__(self, node: URLNode | TranslateNode) -> None:
        self.node = node
        self.name = str(node.asvar)
        self.has_address = isinstance(node, URLNode)
        self.values: dict[_Key, Any] = {}
        self.token, self.origin = node.token, node.origin

    def render(self, context: Context) -> SafeString:
        key = _key(context, self.has_address)
        if key not in self.values:
            self.node.render_annotated(context)
            self.values[key] = context[self.name]
        context[self.name] = self.values[key]
        return SafeString("")


def _key(context: Context, has_address: bool) -> _Key:
    prefix = get_script_prefix() if has_address else ""
    return get_language(), context.autoescape, prefix


def folded(nodes: Iterable[Node]) -> NodeList:
    """The same nodes with fixed neighbours put together, inside of tags too."""
    found = NodeList()
    run: list[Node] = []
    for node in nodes:
        if isinstance(node, (CommentNode, LoadNode)):  # they draw nothing
            continue
        if _is_fixed(node):
            run.append(node)
            continue
        _close(run, found)
        run = []
        found.append(_folded_inside(node))
    _close(run, found)
    found.contains_nontext = any(not isinstance(node, TextNode) for node in found)
    return found


def _close(run: list[Node], found: NodeList) -> None:
    if not run:
        return
    if all(isinstance(node, TextNode) for node in run):
        first = TextNode("".join(node.s for node in run if isinstance(node, TextNode)))
        first.token, first.origin = run[0].token, run[0].origin
        found.append(first)
    else:
        found.append(FixedNode(run))


def _folded_inside(node: Node) -> Node:
    if isinstance(node, (URLNode, TranslateNode)) and _is_fixed_value(node):
        return FixedValueNode(node)
    if isinstance(node, IfNode):
        node.conditions_nodelists = [
            (condition, folded(nodes)) for condition, nodes in node.conditions_nodelists
        ]
        return node
    for name in node.child_nodelists:
        if isinstance(inside := getattr(node, name, None), NodeList):
            setattr(node, name, folded(inside))
    return node


def _is_fixed(node: Node) -> bool:
    if isinstance(node, TextNode):
        return True
    if isinstance(node, (URLNode, TranslateNode)):
        return not node.asvar and _is_fixed_value(node)
    if isinstance(node, BlockTranslateNode):
        return not (
            node.asvar or node.extra_context or node.plural
            or node.render_token_list(node.singular)[1]
        )  # fmt: skip
    if isinstance(node, StaticNode):
        return not node.varname and _is_literal(node.path)
    # Its subclasses have content of their own.
    if type(node) is SimpleNode:
        inputs = [*node.args, *node.kwargs.values()]
        return node.func in _FIXED_TAGS and not node.target_var and all(map(_is_literal, inputs))
    return False


def _is_fixed_value(node: URLNode | TranslateNode) -> bool:
    if isinstance(node, TranslateNode):
        return _is_literal(node.filter_expression)
    is_plain = not node.args and not node.kwargs and _is_literal(node.view_name)
    # An address in a namespace may follow the page it is on.
    return is_plain and ":" not in str(node.view_name)


def _is_literal(expression: FilterExpression) -> bool:
    """A text or a number written in the template, translated or not, without filters."""
    var = expression.var
    return not expression.filters and not (isinstance(var, Variable) and var.lookups is not None)


class _Folding(base.Loader):
    """Folds each template once it is read."""

    def get_template(self, template_name: str, skip: Any = None) -> Template:
        template = super().get_template(template_name, skip)
        template.nodelist = folded(template.nodelist)
        return template


class Loader(cached.Loader, _Folding):
    """Django's loader that keeps what it has read, of folded templates."""
