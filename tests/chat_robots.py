"""WeCom, DingTalk and Feishu as a robot meets them: they sign, encrypt, call, and answer an API.

Written from the providers' manuals, apart from the product's own code: what both got wrong alike
would still be wrong, so the manuals' published examples are checked as well.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.test import Client

TOKEN, AES_KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
DING_SECRET = "ding-app-secret-of-the-robot"
FEISHU_KEY, FEISHU_TOKEN, FEISHU_APP = "feishu-encrypt-key", "v-token", "cli_a1b2c3"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\x00" * 64


def _aes(key: bytes, iv: bytes, plain: bytes, pad_bits: int) -> bytes:
    # PKCS#7 to 32 bytes is WeCom's; the library pads to any width below 256 bytes.
    padder = padding.PKCS7(pad_bits).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()


def wecom_cipher(message: bytes, receive_id: str = CORP, aes_key: str = AES_KEY) -> str:
    key = base64.b64decode(aes_key + "=")
    inner = os.urandom(16) + struct.pack("!I", len(message)) + message + receive_id.encode()
    return base64.b64encode(_aes(key, key[:16], inner, 256)).decode()


def wecom_file(content: bytes) -> bytes:
    key = base64.b64decode(AES_KEY + "=")
    return _aes(key, key[:16], content, 256)


def wecom_query(cipher: str, at: float | None = None, token: str = TOKEN) -> dict[str, str]:
    stamp, nonce = str(int(time.time() if at is None else at)), "n0nce"
    parts = sorted([token, stamp, nonce, cipher])
    return {
        "msg_signature": hashlib.sha1("".join(parts).encode()).hexdigest(),
        "timestamp": stamp, "nonce": nonce,
    }  # fmt: skip


def feishu_cipher(message: bytes, key: str = FEISHU_KEY) -> str:
    iv = os.urandom(16)
    return base64.b64encode(
        iv + _aes(hashlib.sha256(key.encode()).digest(), iv, message, 128)
    ).decode()


@dataclass
class Sent:
    """A call that is ready to be made, so that tests can make it twice or spoil it."""

    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"

    def call(self, client: Client) -> Any:
        path = self.path + ("?" + "&".join(f"{k}={v}" for k, v in self.query.items()) if self.query
                            else "")  # fmt: skip
        return client.post(path, self.body, content_type=self.content_type, headers=self.headers)


def wecom_app(path: str, text: str, user: str = "wangke", **more: Any) -> Sent:
    """A message to an app: XML."""
    mid = more.pop("message_id", "7001")
    body = more.pop("body", f"<MsgType>text</MsgType><Content><![CDATA[{text}]]></Content>")
    inner = (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName>"
        f"<FromUserName><![CDATA[{user}]]></FromUserName><CreateTime>1409659813</CreateTime>"
        f"{body}<MsgId>{mid}</MsgId><AgentID>218</AgentID></xml>"
    ).encode()
    cipher = wecom_cipher(inner, **more)
    outer = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt><![CDATA[{cipher}]]></Encrypt></xml>"
    return Sent(path, outer.encode(), {}, wecom_query(cipher), "text/xml")


def wecom_bot(path: str, message: Mapping[str, Any]) -> Sent:
    """A message to an intelligent robot: JSON, for nobody (`receiveid` is empty)."""
    cipher = wecom_cipher(json.dumps(message).encode(), receive_id="")
    return Sent(path, json.dumps({"encrypt": cipher}).encode(), {}, wecom_query(cipher))


def dingtalk(path: str, message: Mapping[str, Any], at: float | None = None) -> Sent:
    stamp = str(int((time.time() if at is None else at) * 1000))
    digest = hmac.new(DING_SECRET.encode(), f"{stamp}\n{DING_SECRET}".encode(), hashlib.sha256)
    headers = {"timestamp": stamp, "sign": base64.b64encode(digest.digest()).decode()}
    return Sent(path, json.dumps(message).encode(), headers)


def ding_message(text: str, **more: Any) -> dict[str, Any]:
    return {
        "msgtype": "text", "text": {"content": f" {text}"}, "msgId": "msg0001",
        "createAt": 1613630252678, "conversationType": "2", "conversationId": "cid1",
        "conversationTitle": "华东群", "senderId": "$:LWCP_v1:$x", "senderStaffId": "wangke",
        "senderNick": "王珂", "isInAtList": True, "robotCode": "dingrobot",
        "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=s1",
        "sessionWebhookExpiredTime": int(time.time() * 1000) + 5_400_000, **more,
    }  # fmt: skip


def feishu(path: str, inner: Mapping[str, Any], at: float | None = None) -> Sent:
    body = json.dumps({"encrypt": feishu_cipher(json.dumps(inner).encode())}).encode()
    stamp, nonce = str(int(time.time() if at is None else at)), "f-nonce"
    sign = hashlib.sha256(f"{stamp}{nonce}{FEISHU_KEY}".encode() + body).hexdigest()
    headers = {
        "X-Lark-Request-Timestamp": stamp, "X-Lark-Request-Nonce": nonce, "X-Lark-Signature": sign,
    }  # fmt: skip
    return Sent(path, body, headers)


def feishu_event(text: str, *, event_id: str = "ev1", **more: Any) -> dict[str, Any]:
    message = {
        "message_id": "om_1", "chat_id": "oc_1", "chat_type": "group", "message_type": "text",
        "create_time": "1609073151345", "content": json.dumps({"text": f"@_user_1 {text}"}),
        "mentions": [{"key": "@_user_1", "id": {"open_id": "ou_bot"}, "name": "小助手"}], **more,
    }  # fmt: skip
    return {
        "schema": "2.0",
        "header": {
            "event_id": event_id, "event_type": "im.message.receive_v1", "token": FEISHU_TOKEN,
            "app_id": FEISHU_APP, "create_time": "1608725989000", "tenant_key": "t",
        },
        "event": {
            "sender": {"sender_id": {"open_id": "ou_wangke"}, "sender_type": "user"},
            "message": message,
        },
    }  # fmt: skip


@dataclass
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class ChatApi:
    """The APIs of the three chats; keeps what it was asked."""

    asked: list[Asked] = field(default_factory=list)
    #: Path → (status, body) instead of success.
    refusals: dict[str, tuple[int, Any]] = field(default_factory=dict)
    url: str = ""

    def said(self) -> list[Any]:
        """The messages that were sent, without tokens and look-ups."""
        marks = ("sendBySession", "/reply", "message/send", "groupMessages", "aibot/response",
                 "webhook/send")  # fmt: skip
        return [one for one in self.asked if any(mark in one.path for mark in marks)]

    def answer(self, asked: Asked) -> tuple[int, Any]:
        for path, refusal in self.refusals.items():
            if path in asked.path:
                return refusal
        ends: dict[str, Any] = {
            "/gettoken": {"errcode": 0, "access_token": "wt", "expires_in": 7200},
            "/oauth2/accessToken": {"accessToken": "dt", "expireIn": 7200},
            "/internal": {"code": 0, "tenant_access_token": "ft", "expire": 7200},
            "/user/get": {"errcode": 0, "name": "王珂", "biz_mail": "wangke@yuanhe.example",
                          "result": {"name": "王珂", "org_email": "wangke@yuanhe.example"}},
            "/ou_wangke": {"code": 0, "data": {"user": {
                "name": "王珂", "enterprise_email": "wangke@yuanhe.example"}}},
            "/messageFiles/download": {"downloadUrl": f"{self.url}/files/picture"},
        }  # fmt: skip
        if asked.path == "/files/encrypted":
            return 200, wecom_file(PICTURE)
        if asked.path == "/files/picture" or "/resources/" in asked.path:
            return 200, PICTURE
        found = next((body for end, body in ends.items() if asked.path.endswith(end)), None)
        return 200, found if found is not None else {"errcode": 0, "code": 0}


@contextmanager
def chat_api() -> Iterator[ChatApi]:
    kept = ChatApi()

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(
                self.command, parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()},
                {k.lower(): v for k, v in self.headers.items()}, json.loads(raw) if raw else None,
            )  # fmt: skip
            kept.asked.append(asked)
            status, body = kept.answer(asked)
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            kind = "image/png" if isinstance(body, bytes) else "application/json"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _take  # noqa: N815  (the server's names)

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
