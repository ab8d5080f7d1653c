"""The text of an HTML mail as its writer saw it, and what they quoted marked by ">"."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from html import unescape

from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml import etree
from lxml.html import HtmlElement, document_fromstring

logger = logging.getLogger(__name__)

#: Where programs put the mail they answer; each holds it whole.
_QUOTES = (
    "//blockquote[not(ancestor::blockquote)]"
    "|//div[contains(concat(' ', @class, ' '), ' gmail_quote ') and not(.//blockquote)]"
    "|//div[@id='isReplyContent']|//div[@name='quote' and not(ancestor::blockquote)]"
)
_UNSEEN = (
    "//script|//style|//head|//title|//template|//object|//*[@hidden]"
    "|//*[contains(translate(translate(@style, ' ', ''), 'DISPLAYNOE', 'displaynoe'),"
    " 'display:none')]"
)
#: Private characters around what is quoted, until the text is laid out.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_TAGS = re.compile(
    r"<(?:style|script)[^>]*>.*?</(?:style|script)>|<[^>]+>", re.DOTALL | re.IGNORECASE
)
_BREAKS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>", re.IGNORECASE)
#: Characters of HTML that are laid out; beyond that only its tags are taken away.
_LAID_OUT = 2_000_000


def text_of(html: str, pictures: Mapping[str, str]) -> str:
    """`html` as text. `pictures` names the inline pictures by their Content-ID."""
    if len(html) > _LAID_OUT:
        return without_tags(html)
    try:
        text = _laid_out(html, pictures)
    except (etree.LxmlError, ValueError, RecursionError) as error:
        logger.info("an HTML mail could not be laid out (%s): its tags are taken away", error)
        return without_tags(html)
    # The parser stops at some depth: then the tags are no help.
    return _marked(text) if text.strip() else without_tags(html)


def without_tags(html: str) -> str:
    """The text between the tags, a line for each block."""
    text = unescape(_TAGS.sub("", _BREAKS.sub("\n", html)))
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def _laid_out(html: str, pictures: Mapping[str, str]) -> str:
    # A declared encoding inside the page is wrong by now: the page is text already.
    page = document_fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", html) or "<p></p>")
    for comment in page.xpath("//comment()"):
        _drop(comment)
    for unseen in page.xpath(_UNSEEN):
        _drop(unseen)
    for image in page.xpath("//img"):
        name = pictures.get(str(image.get("src") or "").removeprefix("cid:").strip())
        image.tail = (f"[{name}]" if name else "") + (image.tail or "")
    for quote in page.xpath(_QUOTES):
        _enclose(quote)
    text: str = Inscriptis(page, ParserConfig(css=CSS_PROFILES["strict"])).get_text()
    return text


def _drop(element: HtmlElement) -> None:
    if element.getparent() is None:
        return
    before = element.getprevious()
    tail = element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent = element.getparent()
        parent.text = (parent.text or "") + tail
    element.getparent().remove(element)


def _enclose(quote: HtmlElement) -> None:
    quote.tag = "div"
    first, last = etree.Element("p"), etree.Element("p")
    first.text, last.text = _OPEN, _CLOSE
    first.tail, quote.text = quote.text, None
    quote.insert(0, first)
    quote.append(last)


def _marked(text: str) -> str:
    """Each line of what is quoted with ">" before it."""
    lines, depth = [], 0
    for line in text.split("\n"):
        bare = line.replace(_OPEN, "").replace(_CLOSE, "").replace("\xa0", " ").rstrip()
        depth += line.count(_OPEN)
        if bare.strip() or not (_OPEN in line or _CLOSE in line):
            lines.append(f"> {bare.strip()}" if depth > 0 and bare.strip() else bare)
        depth -= line.count(_CLOSE)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
