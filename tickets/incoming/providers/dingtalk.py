"""DingTalk (钉钉): a robot of a company app in HTTP mode.

The headers `timestamp` (milliseconds) and `sign` are HMAC-SHA256 with the app's secret over
`timestamp\\nsecret`, in Base64; calls older than an hour are refused. The signature covers the time
and not the words, which is DingTalk's design: what keeps the words true is https, so nothing in
them is trusted as an address – a reply goes to DingTalk's own hosts or nowhere.
(Developer manual, 机器人接收消息.)
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from core.channels.errors import Unsent
from tickets.incoming.calling import call_api, download, drop_token, keep_token, kept_token
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

WINDOW = dt.timedelta(hours=1)
OLD_HOST, HOST = "oapi.dingtalk.com", "api.dingtalk.com"
_MOST_FILE = 20 * 1024 * 1024
_DONE = Answer("{}", "application/json")


def signature(secret: str, timestamp: str) -> str:
    """What DingTalk puts into the header `sign`."""
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class DingTalk:
    """DingTalk's way of calling and being called."""

    name = "dingtalk"
    credentials = (
        Credential(
            "account", _("Client ID (AppKey)"), is_required=False, is_hidden=False,
            help_text=_("For pictures, names of people, and answers after an hour and a half."),
        ),
        Credential("secret", _("Client secret (AppSecret)")),
    )  # fmt: skip

    def check(self, values: Mapping[str, str]) -> None:
        """Any secret may be right; the first call shows it."""

    def receive(self, robot: ChatRobot, call: Call) -> Received:
        stamp = call.headers.get("timestamp", "")
        expected = signature(robot.secret, stamp).encode()
        if not hmac.compare_digest(expected, call.headers.get("sign", "").encode()):
            raise Forged("the signature is wrong")
        check_window(moment(stamp, unit=1000), call.now, WINDOW)
        found = json_object(call.body)
        message_id = text_of(found, "msgId")
        kind = text_of(found, "msgtype")
        if not message_id:
            return Received(_DONE, what=f"{kind} without an id")
        words, files = _content(found, kind)
        parents = (text_of(found, "originalMsgId"), text_of(found, "text", "repliedMsg", "msgId"))
        is_group = text_of(found, "conversationType") != "1"
        arrival = Arrival(
            message_id=message_id,
            user_id=text_of(found, "senderStaffId") or text_of(found, "senderId"),
            user_name=text_of(found, "senderNick", most=120), text=words,
            said_at=moment(found.get("createAt"), unit=1000),
            chat=text_of(found, "conversationId"), parents=tuple(filter(None, parents)),
            quoted=text_of(found, "text", "repliedMsg", "content", "text"), files=files,
            is_group=is_group, is_meant=not is_group or found.get("isInAtList") is not False,
            handle={
                "session": text_of(found, "sessionWebhook"),
                "until": text_of(found, "sessionWebhookExpiredTime"),
                "robot": text_of(found, "robotCode") or robot.account,
                "conversation": text_of(found, "conversationId"), "is_group": is_group,
            },
        )  # fmt: skip
        return Received(_DONE, call.body, arrival, what=kind)

    def answer(
        self, robot: ChatRobot, message: IncomingMessage, text: str, *, key: str, now: dt.datetime
    ) -> None:
        handle = message.data.get("handle") or {}
        until = moment(handle.get("until"), unit=1000)
        if handle.get("session") and until and until > now:
            body = {
                "msgtype": "text", "text": {"content": text},
                "at": {"atUserIds": [message.sender], "isAtAll": False},
            }  # fmt: skip
            _say(call_api("POST", handle["session"], self.name, (OLD_HOST, HOST), body=body).json())
            return
        content = json.dumps({"content": text}, ensure_ascii=False)
        common = {"robotCode": handle.get("robot", ""), "msgKey": "sampleText", "msgParam": content}
        if handle.get("is_group"):
            there = {"openConversationId": handle.get("conversation", "")}
            self._api(robot, "/v1.0/robot/groupMessages/send", {**common, **there})
        else:
            self._api(
                robot, "/v1.0/robot/oToMessages/batchSend", {**common, "userIds": [message.sender]}
            )

    def fetch(self, robot: ChatRobot, message: IncomingMessage, ref: FileRef) -> Fetched:
        code = (message.data.get("handle") or {}).get("robot", "")
        body = {"downloadCode": ref.key, "robotCode": code}
        found = self._api(robot, "/v1.0/robot/messageFiles/download", body)
        reply = download(text_of(found, "downloadUrl"), _MOST_FILE)
        if reply.status != 200:
            raise Unsent(f"the file's address answered {reply.status}")
        return Fetched(ref.name or "picture.png", reply.body)

    def profile(self, robot: ChatRobot, user_id: str) -> Profile:
        if not robot.account or user_id.startswith("$:"):
            return Profile()
        url = f"https://{OLD_HOST}/topapi/v2/user/get?access_token={quote(self.token(robot))}"
        found = call_api("POST", url, self.name, (OLD_HOST,), body={"userid": user_id}).json()
        _say(found)
        person = found.get("result")
        mail = text_of(person, "org_email") or text_of(person, "email")
        return Profile(text_of(person, "name"), mail)

    def token(self, robot: ChatRobot) -> str:
        if not robot.account:
            raise Unsent("the Client ID is needed for this")
        if known := kept_token(robot.pk, robot.version):
            return known
        body = {"appKey": robot.account, "appSecret": robot.secret}
        url = f"https://{HOST}/v1.0/oauth2/accessToken"
        reply = call_api("POST", url, self.name, (HOST,), body=body)
        found = reply.json()
        token = text_of(found, "accessToken")
        if reply.status != 200 or not token:
            raise Unsent(f"dingtalk said {reply.status} {text_of(found, 'message', most=160)}")
        keep_token(robot.pk, robot.version, token, found.get("expireIn"))
        return token

    def _api(self, robot: ChatRobot, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Call the new API; with a new token once, where the old one is taken no more."""
        for is_last in (False, True):
            headers = {"x-acs-dingtalk-access-token": self.token(robot)}
            reply = call_api(
                "POST", f"https://{HOST}{path}", self.name, (HOST,), body=body, headers=headers
            )
            if reply.status != 401 or is_last:
                break
            drop_token(robot.pk, robot.version)
        if reply.status != 200:
            said = text_of(reply.json(), "message", most=160)
            raise Unsent(f"dingtalk said {reply.status} {said}")
        return reply.json()


def _content(found: dict[str, Any], kind: str) -> tuple[str, tuple[FileRef, ...]]:
    """Words and files of the kinds that robots get."""
    content = found.get("content")
    if kind == "richText":
        parts = content.get("richText") if isinstance(content, dict) else None
        parts = (
            [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
        )
        words = "".join(text_of(part, "text") for part in parts).strip()
        return words, tuple(FileRef("code", c) for part in parts if (c := _code(part)))
    if kind == "audio":
        return text_of(content, "recognition").strip(), ()
    if kind in ("picture", "file", "video") and (code := _code(content)):
        return "", (FileRef("code", code, text_of(content, "fileName", most=200)),)
    return text_of(found, "text", "content").strip(), ()


def _code(part: Any) -> str:
    return text_of(part, "downloadCode") or text_of(part, "pictureDownloadCode")


def _say(found: Mapping[str, Any]) -> None:
    """The old API refuses with status 200 and a code."""
    if found.get("errcode") not in (0, None):
        raise Unsent(f"dingtalk said {found['errcode']} {text_of(found, 'errmsg', most=160)}")


PROVIDER = DingTalk()
