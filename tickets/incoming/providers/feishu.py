"""Feishu (飞书): a company app with a robot that hears `im.message.receive_v1`.

With an Encrypt Key, calls are AES-256-CBC (key: SHA-256 of it, the first 16 bytes are the vector)
and signed: SHA-256 over time, nonce, Encrypt Key and the body as it came. The address is verified
by a challenge, which carries the Verification Token and no signature. Feishu waits 3 s and tries
again after 15 s, 5 min, 1 h and 6 h. (Developer manual, 将事件发送至开发者服务器.)
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from core.channels.errors import Unsent
from core.errors import BadInput, Problem
from tickets.incoming.calling import call_api, drop_token, keep_token, kept_token
from tickets.incoming.ciphers import BadCipher, decrypted, from_base64
from tickets.incoming.providers.base import (
    Answer,
    Arrival,
    Call,
    Credential,
    Fetched,
    FileRef,
    Forged,
    Profile,
    Received,
    check_window,
    json_object,
    moment,
    text_of,
)
from tickets.models import ChatRobot, IncomingMessage

#: The last try comes after 6 h; the message's own id keeps a replay from being anything new.
WINDOW = dt.timedelta(hours=8)
HOST = "open.feishu.cn"
API = f"https://{HOST}/open-apis"
EVENT = "im.message.receive_v1"
_BAD_TOKEN = (99991661, 99991663, 99991668)
_MOST_FILE = 20 * 1024 * 1024
_DONE = Answer("{}", "application/json")
_ID = re.compile(r"[A-Za-z0-9_-]{1,120}")


def signature(encrypt_key: str, timestamp: str, nonce: str, body: bytes) -> str:
    """What Feishu puts into `X-Lark-Signature`."""
    return hashlib.sha256(f"{timestamp}{nonce}{encrypt_key}".encode() + body).hexdigest()


def opened(cipher: str, encrypt_key: str) -> bytes:
    """What is inside. Raises `Forged`."""
    try:
        data = from_base64(cipher)
        key = hashlib.sha256(encrypt_key.encode()).digest()
        return decrypted(data[16:], key, data[:16])
    except BadCipher as error:
        raise Forged(f"it cannot be decrypted: {error}") from error


class Feishu:
    """Feishu's way of calling and being called."""

    name = "feishu"
    credentials = (
        Credential("account", _("App ID"), is_hidden=False),
        Credential("secret", _("App Secret")),
        Credential("aes_key", _("Encrypt Key")),
        Credential("token", _("Verification Token")),
    )

    def check(self, values: Mapping[str, str]) -> None:
        if not re.fullmatch(r"cli_[A-Za-z0-9]+", values["account"]):
            raise BadInput(
                Problem("account", _("This is no App ID."),
                        _("It begins with cli_; copy it from the app's page."), values["account"])
            )  # fmt: skip

    def receive(self, robot: ChatRobot, call: Call) -> Received:
        outer = json_object(call.body)
        cipher = text_of(outer, "encrypt", most=1_000_000)
        if not cipher:
            # An app without Encrypt Key sends plain text that anybody could have written.
            raise Forged("it is not encrypted: set an Encrypt Key in Feishu")
        plain = opened(cipher, robot.aes_key)
        found = json_object(plain)
        if text_of(found, "type") == "url_verification":
            self._check_token(robot, text_of(found, "token"))
            body = json.dumps({"challenge": text_of(found, "challenge")})
            return Received(Answer(body, "application/json"), what="URL verification")
        self._check_signature(robot, call)
        self._check_token(robot, text_of(found, "header", "token"))
        if text_of(found, "header", "app_id") != robot.account:
            raise Forged("it is of another app")
        kind = text_of(found, "header", "event_type") or text_of(found, "type")
        if kind != EVENT:
            return Received(_DONE, what=kind)
        return Received(_DONE, plain, _arrival(found, robot), what=kind)

    def _check_signature(self, robot: ChatRobot, call: Call) -> None:
        stamp = call.headers.get("x-lark-request-timestamp", "")
        nonce = call.headers.get("x-lark-request-nonce", "")
        expected = signature(robot.aes_key, stamp, nonce, call.body)
        given = call.headers.get("x-lark-signature", "")
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise Forged("the signature is wrong")
        check_window(moment(stamp), call.now, WINDOW)

    def _check_token(self, robot: ChatRobot, token: str) -> None:
        if not hmac.compare_digest(token.encode(), robot.token.encode()):
            raise Forged("the Verification Token is wrong")

    def answer(
        self, robot: ChatRobot, message: IncomingMessage, text: str, *, key: str, now: dt.datetime
    ) -> None:
        body: dict[str, Any] = {
            "msg_type": "text",
            "content": json.dumps({"text": text}, ensure_ascii=False),
            # Feishu takes one message with this id in an hour, so a repeat arrives once.
            "uuid": hashlib.sha256(key.encode()).hexdigest()[:40],
        }
        if (message.data.get("handle") or {}).get("in_thread"):
            body["reply_in_thread"] = True
        self._api(robot, "POST", f"/im/v1/messages/{_id(message.message_id)}/reply", body)

    def fetch(self, robot: ChatRobot, message: IncomingMessage, ref: FileRef) -> Fetched:
        path = f"/im/v1/messages/{_id(message.message_id)}/resources/{_id(ref.key)}"
        url = f"{API}{path}?type={ref.kind}"
        headers = {"Authorization": f"Bearer {self.token(robot)}"}
        reply = call_api("GET", url, self.name, (HOST,), headers=headers, most=_MOST_FILE)
        if reply.status != 200:
            raise Unsent(f"feishu said {reply.status} for the file")
        default = "picture.png" if ref.kind == "image" else "file"
        return Fetched(ref.name or default, reply.body)

    def profile(self, robot: ChatRobot, user_id: str) -> Profile:
        path = f"/contact/v3/users/{_id(user_id)}?user_id_type=open_id"
        found = self._api(robot, "GET", path).get("data")
        mail = text_of(found, "user", "enterprise_email") or text_of(found, "user", "email")
        return Profile(text_of(found, "user", "name"), mail)

    def token(self, robot: ChatRobot) -> str:
        if known := kept_token(robot.pk, robot.version):
            return known
        body = {"app_id": robot.account, "app_secret": robot.secret}
        url = f"{API}/auth/v3/tenant_access_token/internal"
        found = call_api("POST", url, self.name, (HOST,), body=body).json()
        _say(found)
        token = text_of(found, "tenant_access_token")
        keep_token(robot.pk, robot.version, token, found.get("expire"))
        return token

    def _api(
        self, robot: ChatRobot, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call the API; with a new token once, where the old one is taken no more."""
        for is_last in (False, True):
            headers = {"Authorization": f"Bearer {self.token(robot)}"}
            found = call_api(
                method, f"{API}{path}", self.name, (HOST,), body=body, headers=headers
            ).json()
            if found.get("code") not in _BAD_TOKEN or is_last:
                break
            drop_token(robot.pk, robot.version)
        _say(found)
        return found


def _say(found: Mapping[str, Any]) -> None:
    """Feishu refuses with a code."""
    if found.get("code") != 0:
        raise Unsent(f"feishu said {found.get('code')} {text_of(found, 'msg', most=160)}")


def _id(text: str) -> str:
    """An id that goes into an address; anything else would be another address."""
    if not _ID.fullmatch(text):
        raise Unsent("this is no id of a message, file or person")
    return quote(text)


def _arrival(found: dict[str, Any], robot: ChatRobot) -> Arrival | None:
    event = found.get("event")
    message = event.get("message") if isinstance(event, dict) else None
    sender = event.get("sender") if isinstance(event, dict) else None
    message_id = text_of(message, "message_id")
    if not message_id or text_of(sender, "sender_type") not in ("user", ""):
        return None
    words, files, names = _content(message)
    root, parent = text_of(message, "root_id"), text_of(message, "parent_id")
    is_group = text_of(message, "chat_type") != "p2p"
    return Arrival(
        message_id=message_id, user_id=text_of(sender, "sender_id", "open_id"),
        text=words.replace(f"@{robot.called}", "", 1).strip(),
        said_at=moment(text_of(message, "create_time"), unit=1000),
        chat=text_of(message, "chat_id"), thread=root or message_id,
        parents=tuple(filter(None, (parent, root))), files=files, is_group=is_group,
        # With the right to hear the whole group everything arrives, meant for us or not.
        is_meant=not is_group or robot.called in names,
        handle={"in_thread": bool(text_of(message, "thread_id"))},
    )  # fmt: skip


def _content(message: Any) -> tuple[str, tuple[FileRef, ...], tuple[str, ...]]:
    """Words (with the names people mention), files, and who is mentioned."""
    kind = text_of(message, "message_type")
    try:
        content = json.loads(text_of(message, "content", most=200_000) or "{}")
    except (ValueError, RecursionError):
        content = {}
    if kind == "image":
        return "", (FileRef("image", text_of(content, "image_key")),), ()
    if kind in ("file", "media"):
        ref = FileRef("file", text_of(content, "file_key"), text_of(content, "file_name", most=200))
        return "", (ref,), ()
    mentions = message.get("mentions") if isinstance(message, dict) else None
    named = {
        text_of(one, "key"): text_of(one, "name")
        for one in (mentions if isinstance(mentions, list) else [])
    }
    words = text_of(content, "text")
    files: list[FileRef] = []
    if kind == "post":
        words, files = _post(content)
    for key, name in named.items():
        words = words.replace(key, f"@{name}") if key else words
    return words, tuple(files), tuple(named.values())


def _post(content: Any) -> tuple[str, list[FileRef]]:
    """Rich text: a title, then lines of parts."""
    lines, files = [text_of(content, "title")], []
    for line in _lists(content.get("content") if isinstance(content, dict) else None):
        said = []
        for part in line:
            if text_of(part, "tag") == "img":
                files.append(FileRef("image", text_of(part, "image_key")))
            elif text_of(part, "tag") == "at":
                said.append(text_of(part, "user_id"))
            else:
                said.append(text_of(part, "text"))
        lines.append("".join(said))
    return "\n".join(filter(None, lines)), files


def _lists(found: Any) -> Iterator[list[Any]]:
    yield from (one for one in found if isinstance(one, list)) if isinstance(found, list) else ()


PROVIDER = Feishu()
