"""Video courses: proved by what was played, never by claiming it."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.media import seconds_of
from docs_portal import actions
from docs_portal.choices import CourseForm
from docs_portal.models import Completion, Course
from docs_portal.policies.watching import joined, seconds_in
from opsdesk.demo.cast import Cast
from tests.docs_portal.courses import MINUTE, by, course
from tests.docs_portal.videos import mp4, webm

pytestmark = pytest.mark.django_db
Clients = Any


def video_course(cast: Cast, now: dt.datetime, *seconds: float) -> Course:
    row = course(cast, now, CourseForm.VIDEO)
    files = [
        SimpleUploadedFile(f"第{i}段.mp4", mp4(length), "video/mp4")
        for i, length in enumerate(seconds)
    ]
    actions.add_course_videos(row, files, **by(cast.linzhixia, now))
    return actions.publish_course(row, **by(cast.linzhixia, now))


def test_a_video_is_watched_from_nine_tenths_on_and_never_by_claiming_it(
    cast: Cast, now: dt.datetime
) -> None:
    row = video_course(cast, now, 600)
    video = row.videos.get()
    assert video.seconds == 600
    actions.join_course(row, **by(cast.wangke, now))

    def watched(minutes: float, *parts: tuple[float, float]) -> float:
        at = now + minutes * MINUTE
        return actions.record_course_watched(video, list(parts), **by(cast.wangke, at)).seconds

    assert watched(0) == 0
    with pytest.raises(BadInput):
        watched(0.1, (0, 600))
    assert watched(4, (0, 200)) == 200
    # The same part again is no more of it.
    assert watched(8, (0, 200), (100, 260)) == 260
    assert not Completion.objects.exists()
    assert watched(14, (280, 560)) == pytest.approx(540, abs=1)
    done = Completion.objects.get(course=row, user=cast.wangke)
    assert done.evidence == {"videos": [[video.pk, 540.0]]}


def test_a_video_without_a_length_is_refused_by_name(cast: Cast, now: dt.datetime) -> None:
    row = course(cast, now, CourseForm.VIDEO)
    good = SimpleUploadedFile("好.webm", webm(61.5), "video/webm")
    for bad in (
        SimpleUploadedFile("没头.mp4", mp4(10)[:30]),
        SimpleUploadedFile("假的.mp4", b"<html>" * 10),
        SimpleUploadedFile("文档.pdf", b"%PDF-1.7"),
    ):
        with pytest.raises(BadInput) as refused:
            actions.add_course_videos(row, [good, bad], **by(cast.linzhixia, now))
        assert refused.value.problems[0].field == "videos"
        assert str(bad.name) in str(refused.value.problems[0].message)
    assert not row.videos.exists()
    kept = actions.add_course_videos(row, [good], **by(cast.linzhixia, now))
    assert kept[0].seconds == 61.5


@given(st.binary(max_size=400), st.sampled_from([b"", mp4(5)[:20], webm(5)[:30]]))
def test_no_bytes_break_the_reading_of_a_length(tail: bytes, head: bytes) -> None:
    found = seconds_of(io.BytesIO(head + tail))
    assert found is None or 0 < found <= 86400


@given(
    st.lists(st.tuples(st.integers(-20, 200), st.integers(-20, 200)), max_size=40),
    st.integers(1, 150),
)
def test_parts_are_joined_as_a_set_of_seconds(parts: list[tuple[int, int]], length: int) -> None:
    """Against the plain way: a set of the seconds, with gaps of at most one filled."""
    known = {s for start, stop in parts for s in range(max(start, 0), min(stop, length))}
    filled = known | {s for s in range(length) if s - 1 in known and s + 1 in known}
    found = joined(parts, length)
    assert seconds_in(found) == len(filled)
    assert joined(found, length) == found


def test_a_player_reports_over_the_web_and_gets_the_bytes_it_asks_for(
    cast: Cast, now: dt.datetime, client_of: Clients
) -> None:
    row = video_course(cast, now, 40)
    video = row.videos.get()
    client = client_of(cast.wangke)
    bytes_ = client.get(
        reverse("course_video", args=[video.pk, video.name]), headers={"Range": "bytes=4-7"}
    )
    assert (bytes_.status_code, b"".join(bytes_.streaming_content)) == (206, b"ftyp")
    url = reverse("course_watched", args=[video.pk])
    assert client.post(url, {"parts": "[]"}).json() == {"percent": 0, "parts": []}
    assert client.post(url, {"parts": "[[0, 38]]"}).json()["percent"] == 95
    for bad in ("[[0]]", "nonsense", '[["a", 1]]', "[[1e400, 3]]", "null"):
        refused = client.post(url, {"parts": bad})
        assert refused.status_code == 422, bad
        assert refused.json()["problems"][0]
