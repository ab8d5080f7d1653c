"""What a browser calls itself, in words a person knows."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

#: Name → what its own mark in the User-Agent looks like. The first that fits wins: nearly every
#: browser also says that it is Chrome and Safari, and chat programs say which one is inside.
_BROWSERS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(mark))
    for name, mark in (
        ("WeCom", r"wxwork/([\d.]+)"),
        ("WeChat", r"MicroMessenger/([\d.]+)"),
        ("DingTalk", r"DingTalk/([\d.]+)"),
        ("Feishu", r"(?:Feishu|Lark)/([\d.]+)"),
        ("Edge", r"Edg(?:e|A|iOS)?/([\d.]+)"),
        ("QQ", r"QQBrowser/([\d.]+)"),
        ("Opera", r"OPR/([\d.]+)"),
        ("Firefox", r"(?:Firefox|FxiOS)/([\d.]+)"),
        ("Chrome", r"(?:Chrome|CriOS|HeadlessChrome)/([\d.]+)"),
        ("Safari", r"Version/([\d.]+).*Safari"),
        ("Internet Explorer", r"(?:MSIE |Trident/.*rv:)([\d.]+)"),
    )
)
_SYSTEMS: tuple[tuple[str, str], ...] = (
    ("Windows", "Windows"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"),
    ("HarmonyOS", "HarmonyOS|OpenHarmony"), ("macOS", "Mac OS X|Macintosh"), ("Linux", "Linux"),
)  # fmt: skip


def browser_said(user_agent: str) -> str:
    """“Chrome 126 on Windows”; what nobody knows stays as it is, cut at 80 characters."""
    for name, mark in _BROWSERS:
        if found := mark.search(user_agent):
            version = found.group(1).split(".")[0]
            browser = f"{name} {version}"
            system = next((s for s, said in _SYSTEMS if re.search(said, user_agent)), "")
            if not system:
                return browser
            return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return user_agent[:80]
