"""Pictures, videos and papers of a page: accepted, served in parts, read by its readers only."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.errors import BadInput, NotAllowed
from docs_portal.actions import add_page_file, publish_page, record_watched
from docs_portal.models import Page, PageFile, VideoWatch
from docs_portal.policies.links import file_link
from docs_portal.rendering import rendered
from docs_portal.rendering.markdown import file_address
from opsdesk.demo.cast import Cast
from tests.docs_portal.manual_pages import PNG, by, drafted, mp4, revised

ClientOf = Callable[[User], Client]


def kept(cast: Cast, now: dt.datetime, page: Page, name: str, content: bytes) -> PageFile:
    return add_page_file(page, SimpleUploadedFile(name, content), **by(cast, now))


def test_what_is_accepted_and_what_is_refused(cast: Cast, now: dt.datetime) -> None:
    page = drafted(cast, now, "拜访")
    for name, content in (
        ("a.exe", b"MZ"), ("a.svg", b"<svg>"), ("a.png", b"MZ"), ("a.png", b""), ("a.mp4", PNG),
    ):  # fmt: skip
        with pytest.raises(BadInput) as refused:
            kept(cast, now, page, name, content)
        assert (refused.value.problems[0].field, refused.value.problems[0].value) == ("file", name)
    with pytest.raises(NotAllowed):
        add_page_file(page, SimpleUploadedFile("a.png", PNG), **by(cast, now, "liuyang"))
    assert not PageFile.objects.exists()
    picture = kept(cast, now, page, "../图 一.png", PNG)
    assert (picture.name, picture.kind, picture.seconds) == ("图 一.png", "image", None)
    # Pasted twice, it is one file.
    assert kept(cast, now, page, "图 一.png", PNG) == picture
    assert kept(cast, now, page, "讲解.mp4", mp4(90)).seconds == 90.0


def test_it_comes_in_the_parts_a_player_asks_for(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    content = mp4(90)
    video = kept(cast, now, drafted(cast, now, "拜访"), "讲解.mp4", content)
    client, address, size = client_of(cast.shenyi), file_address(video), len(content)

    def asked(part: str, **more: str) -> tuple[int, str, bytes]:
        answer = client.get(address, headers={"Range": part, **more})
        body = b"".join(answer) if answer.streaming else answer.content
        return answer.status_code, answer.headers.get("Content-Range", ""), body

    whole = client.get(address)
    assert (whole["Accept-Ranges"], whole["Content-Length"]) == ("bytes", str(size))
    assert whole["Content-Type"] == "video/mp4"
    assert "sandbox" in whole["Content-Security-Policy"]
    assert "attachment" not in whole["Content-Disposition"]
    assert b"".join(whole) == content
    assert asked("bytes=0-99") == (206, f"bytes 0-99/{size}", content[:100])
    assert asked("bytes=1000-") == (206, f"bytes 1000-{size - 1}/{size}", content[1000:])
    assert asked("bytes=-7") == (206, f"bytes {size - 7}-{size - 1}/{size}", content[-7:])
    assert asked(f"bytes=5-{size * 9}") == (206, f"bytes 5-{size - 1}/{size}", content[5:])
    assert asked(f"bytes={size}-") == (416, f"bytes */{size}", b"")
    for nonsense in ("bytes=9-3", "bytes=-", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b"):
        assert asked(nonsense) == (200, "", content)
    etag = whole["ETag"]
    assert asked("bytes=0-1", **{"If-Range": etag})[0] == 206
    assert asked("bytes=0-1", **{"If-Range": '"another"'})[0] == 200


def test_only_who_reads_the_text_around_it_gets_it(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    page = drafted(cast, now, "拜访")
    for_all, for_director, unused = (
        kept(cast, now, page, f"{name}.png", PNG + name.encode()) for name in "甲乙丙"
    )
    director = cast.roles["crm_director"].code
    body = (
        f"![甲]({file_link(for_all.pk)})\n\n"
        f"::: for {director}\n![乙]({file_link(for_director.pk)})\n:::\n\n"
        f"`{file_link(unused.pk)}` {file_link(for_all.pk)}9"
    )
    revised(cast, now, page, body)

    def seen(person: User) -> list[int]:
        found = []
        for file in (for_all, for_director, unused):
            answer = client_of(person).get(file_address(file))
            # Read to its end, a file closes itself.
            assert not answer.streaming or b"".join(answer).startswith(PNG)
            found.append(answer.status_code)
        return found

    assert seen(cast.shenyi) == [200, 200, 200]
    assert seen(cast.wangke) == [404, 404, 404]
    publish_page(page, **by(cast, now))
    assert seen(cast.wangke) == [200, 200, 404]  # 王珂 is a director
    assert seen(cast.liuyang) == [200, 404, 404]  # 刘洋 is a representative
    # Another page shows it too: its readers get it there.
    other = drafted(cast, now, "另一页", f"![丙]({file_link(unused.pk)})")
    publish_page(other, **by(cast, now))
    assert seen(cast.liuyang) == [200, 404, 200]
    assert Client().get(file_address(for_all)).status_code == 302


def test_the_text_shows_each_kind_in_its_own_way(cast: Cast, now: dt.datetime) -> None:
    page = drafted(cast, now, "拜访")
    picture = kept(cast, now, page, "图.png", PNG)
    video = kept(cast, now, page, "讲解.mp4", mp4(90))
    paper = kept(cast, now, page, "表.csv", b"a,b\n")
    html = rendered(" ".join(f"![说明]({file_link(f.pk)})" for f in (picture, video, paper))).html
    assert f'<img src="{file_address(picture)}" alt="说明" loading="lazy">' in html
    assert f'data-video="{video.pk}"' in html
    assert 'aria-label="说明"' in html
    assert f'href="{file_address(paper)}"' in html


def test_the_watched_part_is_what_really_ran(
    cast: Cast, now: dt.datetime, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = drafted(cast, now, "拜访")
    video = kept(cast, now, page, "讲解.mp4", mp4(600))
    revised(cast, now, page, f"![讲解]({file_link(video.pk)})")
    publish_page(page, **by(cast, now))
    client, clock = client_of(cast.liuyang), [now]
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock[0])

    def report(parts: Any, **more: Any) -> tuple[int, dict[str, Any]]:
        sent = {"parts": json.dumps(parts), "length": 600, **more}
        answer = client.post(reverse("page_video_watched", args=[video.pk]), sent)
        return answer.status_code, answer.json()

    assert report([]) == (200, {"percent": 0, "parts": []})
    clock[0] = now + dt.timedelta(seconds=100)
    assert report([[0, 60]])[1]["percent"] == 10
    assert report([[30, 90], [300, 330]])[1] == {"percent": 20, "parts": [[0, 90], [300, 330]]}
    # Nobody watches ten minutes in two; a player that takes the video for shorter changes nothing.
    status, said = report([[0, 600]])
    assert status == 422
    assert said["problems"]
    assert report([[0, 90]], length=90)[1]["percent"] == 20
    for nonsense in ([[1]], [["a", 2]], {"a": 1}, [[-1, 2]]):
        assert report(nonsense)[0] == 422
    clock[0] = now + dt.timedelta(seconds=700)
    assert report([[0, 595]])[1]["percent"] == 99
    watch = VideoWatch.objects.get()
    assert (watch.user, watch.file, watch.first_at) == (cast.liuyang, video, now)
    picture = kept(cast, now, page, "图.png", PNG)
    with pytest.raises(BadInput):
        record_watched(picture, [], length=10, **by(cast, now))
    assert client_of(cast.emma).post(
        reverse("page_video_watched", args=[video.pk]), {"parts": "[]"}
    ).status_code in (200, 404)  # fmt: skip
