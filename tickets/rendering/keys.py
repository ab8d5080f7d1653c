"""The keys of the desk (experience.md, screen 5). Take a free letter here before you use it.

A template gives an element `data-code` (through `act_link` and `act_post`: `code="KeyP"`), and the
key clicks it; what needs more than a click has a handler in `static/js/`.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.keys import Key, KeyGroup

DESK_KEYS: tuple[KeyGroup, ...] = (
    KeyGroup(
        _("In the list"),
        (
            Key("next", ("KeyJ",), _("Next ticket")),
            Key("previous", ("KeyK",), _("Previous ticket")),
            Key("open", ("Enter",), _("Open the ticket")),
            Key("select", ("KeyX",), _("Select the ticket")),
            Key("select-down", ("Shift+KeyJ",), _("Select on downwards")),
            Key("select-up", ("Shift+KeyK",), _("Select on upwards")),
            Key("select-all", ("Shift+KeyA",), _("Select the page, once more all of the list")),
            Key("guided", ("KeyG",), _("Serve me the next ticket")),
            Key("skip", ("KeyS",), _("Skip it, while tickets are served")),
            Key("filter", ("Shift+KeyF",), _("Add a condition to the list")),
            Key("view", ("KeyV",), _("Save or change the view")),
            Key("board", ("KeyB",), _("Board or list")),
            Key("chat_log", ("KeyI",), _("Paste a chat log")),
        ),
    ),
    KeyGroup(
        _("Judge and route"),
        (
            Key("classify", ("KeyC", "Digit1-7"), _("Classify: choose its type")),
            Key("level", ("KeyL", "Digit1-4"), _("Move to a level, or return to one")),
            Key("claim", ("KeyA", "KeyA"), _("Claim: it is mine")),
            Key("claim-too", ("KeyA", "KeyM"), _("Assign to me")),
            Key("assign", ("KeyA",), _("Assign to a colleague")),
            Key("route", ("KeyT",), _("Send to a team")),
            Key("push", ("KeyP",), _("Push to an owner")),
            Key("demand", ("KeyD",), _("Link a demand")),
            Key("chase", ("KeyH",), _("Chase the owner")),
            Key("burst", ("KeyY",), _("Make a known issue of the burst")),
            Key("fill", ("KeyF",), _("Fill the first open row")),
        ),
    ),
    KeyGroup(
        _("Answer"),
        (
            Key("reply", ("KeyR",), _("Reply to the requester")),
            Key("note", ("KeyN",), _("Write a note")),
            Key("page", ("KeyU",), _("Answer with the page offered first")),
            Key("find-page", ("Shift+KeyU",), _("Find the page that answers")),
            Key("gap", ("KeyO",), _("No page answers this")),
            Key("macro", ("KeyM",), _("Use a macro")),
            Key("ask", ("KeyQ",), _("Ask the requester")),
            Key("resolve", ("KeyE",), pgettext_lazy("verb", "Resolve")),
            Key("watch", ("KeyW",), _("Watch the ticket")),
            Key("undo", ("KeyZ",), _("Undo the last act")),
        ),
    ),
)  # fmt: skip
