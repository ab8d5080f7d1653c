"""WeCom (企业微信): an app, a group robot, or an intelligent robot (智能机器人).

All three sign with SHA-1 over token, time, nonce and cipher text, sorted, and encrypt with
AES-256-CBC: 16 random bytes, the length, the message, and who it is for (`receiveid`: the
corporation; nothing for an intelligent robot). Apps and group robots send XML, intelligent robots
JSON. WeCom waits 5 s and tries three times. (Developer manual, 接收消息与事件 and 智能机器人.)
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import struct
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext_lazy as _

from core.channels.errors import Unsent
from core.errors import BadInput, Problem
from tickets.incoming.calling import call_api, download, drop_token, keep_token, kept_token
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

#: WeCom's three tries take seconds; the rest is for clocks that differ.
WINDOW = dt.timedelta(minutes=10)
HOST = "qyapi.weixin.qq.com"
#: Older group robots name an address of this host, and without TLS.
ROBOT_HOSTS = (HOST, "in.qyapi.weixin.qq.com")
API = f"https://{HOST}/cgi-bin"
_BAD_TOKEN = (40014, 42001)
_MOST_FILE = 20 * 1024 * 1024
_FILE_NAME = re.compile(r"filename\*?=(?:UTF-8'')?\"?(?P<name>[^\";]+)", re.IGNORECASE)


def signature(token: str, timestamp: str, nonce: str, cipher: str) -> str:
    """What WeCom puts into `msg_signature`."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce, cipher))).encode()).hexdigest()  # noqa: S324  (WeCom's choice; the cipher text is authenticated by `receiveid` too)


def opened(cipher: str, aes_key: str, receive_id: str) -> bytes:
    """The message inside; refused when it is for somebody else. Raises `Forged`."""
    try:
        key = from_base64(aes_key + "=")
        plain = decrypted(from_base64(cipher), key, key[:16], padded_to=32)
    except BadCipher as error:
        raise Forged(f"it cannot be decrypted: {error}") from error
    if len(plain) < 20:
        raise Forged("what is inside is too short")
    (length,) = struct.unpack("!I", plain[16:20])
    message, there = plain[20 : 20 + length], plain[20 + length :]
    if len(message) != length:
        raise Forged("what is inside is cut")
    if not hmac.compare_digest(there, receive_id.encode()):
        raise Forged("it is for another corporation or robot")
    return message


class WeCom:
    """WeCom's way of calling and being called."""

    name = "wecom"
    credentials = (
        Credential(
            "account", _("CorpID"), is_required=False, is_hidden=False,
            help_text=_("Empty for an intelligent robot (智能机器人)."),
        ),
        Credential(
            "agent", _("AgentId"), is_required=False, is_hidden=False,
            help_text=_("Of an app; group and intelligent robots have none."),
        ),
        Credential("token", _("Token")),
        Credential("aes_key", _("EncodingAESKey")),
        Credential(
            "secret", _("Secret"), is_required=False,
            help_text=_("Of an app: for answers, pictures and names of people."),
        ),
    )  # fmt: skip

    def check(self, values: Mapping[str, str]) -> None:
        problems = []
        if not re.fullmatch(r"[A-Za-z0-9]{43}", values["aes_key"]):
            problems.append(
                Problem("aes_key", _("This is no EncodingAESKey."),
                        _("It has 43 letters and digits; copy it from WeCom's page."))
            )  # fmt: skip
        if values["agent"] and not values["agent"].isdecimal():
            problems.append(
                Problem("agent", _("An AgentId is a number."),
                        _("Copy it from the app's page, or leave it empty."), values["agent"])
            )  # fmt: skip
        if problems:
            raise BadInput(*problems)

    def receive(self, robot: ChatRobot, call: Call) -> Received:
        if call.method == "GET":
            echo = call.query.get("echostr", "")
            plain = self._checked(robot, call, echo)
            return Received(Answer(plain.decode("utf-8", "replace")), what="URL verification")
        plain = self._checked(robot, call, _cipher_of(call.body))
        if plain.lstrip()[:1] == b"<":
            return _read_xml(plain, robot)
        return _read_json(json_object(plain), plain, robot)

    def _checked(self, robot: ChatRobot, call: Call, cipher: str) -> bytes:
        stamp, nonce = call.query.get("timestamp", ""), call.query.get("nonce", "")
        expected = signature(robot.token, stamp, nonce, cipher)
        given = call.query.get("msg_signature", "")
        if not cipher or not hmac.compare_digest(expected.encode(), given.encode()):
            raise Forged("the signature is wrong")
        check_window(moment(stamp), call.now, WINDOW)
        return opened(cipher, robot.aes_key, robot.account)

    def answer(
        self, robot: ChatRobot, message: IncomingMessage, text: str, *, key: str, now: dt.datetime
    ) -> None:
        handle = message.data.get("handle") or {}
        if address := handle.get("response_url"):
            # Good for one call within the hour: a repeat is refused and changes nothing.
            body = {"msgtype": "markdown", "markdown": {"content": text}}
            _say(call_api("POST", address, self.name, ROBOT_HOSTS, body=body).json())
        elif address := handle.get("webhook"):
            body = {"msgtype": "text", "text": {
                "content": text, "mentioned_list": [message.sender],
            }}  # fmt: skip
            if handle.get("chat"):
                body["chatid"] = handle["chat"]
            secure = "https" + address[4:] if address.startswith("http:") else address
            _say(call_api("POST", secure, self.name, ROBOT_HOSTS, body=body).json())
        else:
            self._api(robot, "POST", "message/send", {}, {
                "touser": message.sender, "msgtype": "text", "agentid": int(robot.agent or 0),
                "text": {"content": text}, "enable_duplicate_check": 1,
                "duplicate_check_interval": 1800,
            })  # fmt: skip

    def fetch(self, robot: ChatRobot, message: IncomingMessage, ref: FileRef) -> Fetched:
        if ref.kind == "encrypted":
            found = download(ref.key, _MOST_FILE)
            key = from_base64(robot.aes_key + "=")
            try:
                content = decrypted(found.body, key, key[:16], padded_to=32)
            except BadCipher as error:
                raise Unsent(f"the file cannot be decrypted: {error}") from error
            return Fetched(ref.name or _name_in(found.headers), content)
        reply = self._raw(robot, f"media/get?media_id={quote(ref.key)}", _MOST_FILE)
        return Fetched(ref.name or _name_in(reply.headers), reply.body)

    def profile(self, robot: ChatRobot, user_id: str) -> Profile:
        if not robot.secret:
            return Profile()
        found = self._api(robot, "GET", "user/get", {"userid": user_id})
        return Profile(
            text_of(found, "name"), text_of(found, "biz_mail") or text_of(found, "email")
        )

    def token(self, robot: ChatRobot) -> str:
        if not robot.secret or not robot.account:
            raise Unsent("CorpID and secret of an app are needed for this")
        if known := kept_token(robot.pk, robot.version):
            return known
        url = f"{API}/gettoken?corpid={quote(robot.account)}&corpsecret={quote(robot.secret)}"
        found = call_api("GET", url, self.name, (HOST,)).json()
        _say(found)
        token = text_of(found, "access_token")
        keep_token(robot.pk, robot.version, token, found.get("expires_in"))
        return token

    def _api(
        self, robot: ChatRobot, method: str, path: str, query: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Call the API; with a new token once, where the old one is taken no more."""
        more = "".join(f"&{name}={quote(value)}" for name, value in query.items())
        for is_last in (False, True):
            url = f"{API}/{path}?access_token={quote(self.token(robot))}{more}"
            found = call_api(method, url, self.name, (HOST,), body=body).json()
            if found.get("errcode") not in _BAD_TOKEN or is_last:
                break
            drop_token(robot.pk, robot.version)
        _say(found)
        return found

    def _raw(self, robot: ChatRobot, path: str, most: int) -> Any:
        url = f"{API}/{path}&access_token={quote(self.token(robot))}"
        reply = call_api("GET", url, self.name, (HOST,), most=most)
        if "json" in reply.headers.get("content-type", ""):
            _say(reply.json())
        return reply


def _say(found: Mapping[str, Any]) -> None:
    """WeCom refuses with status 200 and a code."""
    if found.get("errcode") not in (0, None):
        _refused(f"{found.get('errcode')} {text_of(found, 'errmsg', most=160)}")


def _refused(said: str) -> NoReturn:
    raise Unsent(f"wecom said {said}")


def _cipher_of(body: bytes) -> str:
    if body.lstrip()[:1] == b"{":
        return text_of(json_object(body), "encrypt", most=1_000_000)
    return _texts(_xml(body)).get("Encrypt", "")


def _xml(body: bytes) -> Element:
    try:
        found: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Forged("this is no XML") from error
    return found


def _texts(root: Element) -> dict[str, str]:
    return {child.tag: (child.text or "").replace("\x00", "") for child in root}


def _read_xml(plain: bytes, robot: ChatRobot) -> Received:
    root = _xml(plain)
    top = _texts(root)
    kind = top.get("MsgType", "")
    sender, text_at = root.find("From"), root.find("Text")
    if kind == "event" or not top.get("MsgId"):
        return Received(Answer(), what=f"{kind} {top.get('Event', '')}".strip())
    who = _texts(sender) if sender is not None else {}
    text = _texts(text_at).get("Content", "") if text_at is not None else top.get("Content", "")
    is_group = top.get("ChatType") == "group"
    files: tuple[FileRef, ...] = ()
    if kind in ("image", "file", "video") and top.get("MediaId"):
        files = (FileRef("media", top["MediaId"], top.get("FileName", "")),)
    arrival = Arrival(
        message_id=top["MsgId"], user_id=who.get("UserId") or top.get("FromUserName", ""),
        user_name=who.get("Name", ""), text=_without_name(text, robot),
        said_at=moment(top.get("CreateTime")), chat=top.get("ChatId", ""), files=files,
        is_group=is_group,
        handle={"webhook": top.get("WebhookUrl", ""), "chat": top.get("ChatId", "")},
    )  # fmt: skip
    return Received(Answer(), plain, arrival, what=kind)


def _read_json(found: dict[str, Any], plain: bytes, robot: ChatRobot) -> Received:
    kind = text_of(found, "msgtype")
    if kind not in ("text", "image", "mixed", "voice", "file", "video"):
        return Received(Answer(), what=f"{kind} {text_of(found, 'event', 'eventtype')}".strip())
    parts = [found]
    if kind == "mixed":
        items = (found.get("mixed") or {}).get("msg_item")
        parts = (
            [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        )
    words = [
        text_of(part, "text", "content") or text_of(part, "voice", "content") for part in parts
    ]
    files = [
        FileRef("encrypted", url, text_of(part, media, "filename", most=200))
        for part in parts
        for media in ("image", "file", "video")
        if (url := text_of(part, media, "url"))
    ]
    if not (message_id := text_of(found, "msgid")):
        return Received(Answer(), what=f"{kind} without an id")
    arrival = Arrival(
        message_id=message_id, user_id=text_of(found, "from", "userid"),
        text=_without_name("\n".join(filter(None, words)), robot),
        said_at=moment(found.get("create_time")), chat=text_of(found, "chatid"),
        quoted=text_of(found, "quote", "text", "content"), files=tuple(files),
        is_group=text_of(found, "chattype") == "group",
        handle={"response_url": text_of(found, "response_url")},
    )  # fmt: skip
    return Received(Answer(), plain, arrival, what=kind)


def _without_name(text: str, robot: ChatRobot) -> str:
    """WeCom leaves the mention in the words: `@RobotA hello`."""
    return text.replace(f"@{robot.called}", "", 1).strip() if robot.called else text.strip()


def _name_in(headers: Mapping[str, str]) -> str:
    found = _FILE_NAME.search(headers.get("content-disposition", ""))
    if found:
        return found["name"]
    ending = urlsplit(headers.get("content-type", "").split(";")[0]).path.rpartition("/")[2]
    return f"file.{ending}" if re.fullmatch(r"[a-z0-9]{2,5}", ending) else "file"


PROVIDER = WeCom()
