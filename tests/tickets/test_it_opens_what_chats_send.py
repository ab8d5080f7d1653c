"""What chats send, closed or open: whatever is inside, it is read or refused by name."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests import chat_robots as chats
from tickets.incoming.ciphers import BadCipher, decrypted, encrypted
from tickets.incoming.providers import provider_named
from tickets.incoming.providers.base import Call
from tickets.models import ChatRobot

KEY = b"k" * 32


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([16, 32]))
def test_a_cipher_opens_to_what_was_closed(plain: bytes, width: int) -> None:
    closed = encrypted(plain, KEY, KEY[:16], padded_to=width)
    assert decrypted(closed, KEY, KEY[:16], padded_to=width) == plain


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=100))
def test_anything_else_is_refused_by_name(data: bytes) -> None:
    try:
        opened = decrypted(data, KEY, KEY[:16])
    except BadCipher:
        return
    # One text in 256 ends like padding by chance; then it is a whole number of blocks.
    assert len(data) % 16 == 0
    assert len(opened) < len(data)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_is_inside_a_signed_call_the_door_answers(data: Any) -> None:
    leaf = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    values = st.recursive(leaf, lambda inner: st.lists(inner, max_size=3)
                          | st.dictionaries(st.sampled_from(
                              ["text", "content", "richText", "msg_item", "mixed", "url", "user"]),
                              inner, max_size=3), max_leaves=8)  # fmt: skip
    ding = chats.ding_message("x") | data.draw(st.fixed_dictionaries({
        "msgtype": st.sampled_from(["text", "richText", "picture", "file", "audio", "x"]),
        "text": values, "content": values, "createAt": values, "senderStaffId": values,
        "sessionWebhookExpiredTime": values}))  # fmt: skip
    robot = ChatRobot(app="dingtalk", secret=chats.DING_SECRET, called="小助手")
    sent = chats.dingtalk("/", ding)
    call = Call("POST", {}, sent.headers, sent.body, dt.datetime.now(dt.UTC))
    arrival = provider_named("dingtalk").receive(robot, call).arrival
    assert arrival is None or arrival.message_id == "msg0001"
    event = chats.feishu_event("x")
    event["event"]["message"] |= data.draw(st.fixed_dictionaries({
        "content": values, "mentions": values, "create_time": values,
        "message_type": st.sampled_from(["text", "post", "image", "file", "x"])}))  # fmt: skip
    robot = ChatRobot(app="feishu", account=chats.FEISHU_APP, aes_key=chats.FEISHU_KEY,
                      token=chats.FEISHU_TOKEN, called="小助手")  # fmt: skip
    sent = chats.feishu("/", event)
    headers = {name.lower(): value for name, value in sent.headers.items()}
    call = Call("POST", {}, headers, sent.body, dt.datetime.now(dt.UTC))
    assert provider_named("feishu").receive(robot, call).arrival is not None
