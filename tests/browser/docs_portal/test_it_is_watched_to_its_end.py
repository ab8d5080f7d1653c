"""A video course taken in a browser: a real film is played, jumping ahead leaves a gap, and what
ran to its end completes the course.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from docs_portal.actions import (
    AssignmentDraft,
    CourseDraft,
    add_course_videos,
    assign_course,
    create_course,
    enrol_audience,
    publish_course,
)
from docs_portal.choices import CourseForm
from docs_portal.models import Completion, Course, CourseWatch
from opsdesk.demo.cast import Cast
from tests.browser.people import NewContext, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Shoot = Callable[[Page, str], Path]
SECONDS = 5.0
# The browser films a canvas: no file of a video has to be kept with the tests.
FILM = """(seconds) => new Promise((done) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
  const pen = canvas.getContext("2d");
  const film = new MediaRecorder(canvas.captureStream(10), { mimeType: "video/webm;codecs=vp8" });
  const parts = [];
  let drawn = 0;
  const drawing = setInterval(() => {
    pen.fillStyle = `hsl(${(drawn += 20)} 80% 50%)`;
    pen.fillRect(0, 0, 64, 48);
  }, 100);
  film.ondataavailable = ({ data }) => parts.push(data);
  film.onstop = async () => {
    clearInterval(drawing);
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",")[1]);
    reader.readAsDataURL(new Blob(parts));
  };
  film.start();
  setTimeout(() => film.stop(), seconds * 1000);
})"""

PLAY_THE_LAST = """async (film, seconds) => {
  film.currentTime = Math.max(0, film.duration - seconds);
  await film.play();
}"""


def filmed(person: Person) -> bytes:
    return base64.b64decode(person.page.evaluate(FILM, SECONDS))


def course(cast: Cast, film: bytes) -> Course:
    by: dict[str, Any] = {"acting_user": cast.linzhixia, "now": timezone.now()}
    row = create_course(
        CourseDraft("补录拜访记录", CourseForm.VIDEO, product=cast.products["crm"]), **by
    )
    add_course_videos(row, [SimpleUploadedFile("补录.webm", film)], **by)
    row = publish_course(row, **by)
    assigned = assign_course(row, AssignmentDraft(people=[cast.liuyang], due_days=7), **by)
    enrol_audience(assigned.pk, now=timezone.now())
    return row


def test_what_ran_is_counted_and_completes_the_course(
    cast: Cast, live_server: LiveServer, new_context: NewContext, shoot: Shoot
) -> None:
    person = Person(new_context, live_server.url, "liuyang", "zh-CN")
    row = course(cast, filmed(person))
    page = person.go("/training/")
    person.link(row.title, "main")
    video, percent = page.locator("video"), page.locator("[data-percent]")
    expect(percent).to_have_text("已观看 0%")
    # Jumping to the end is not watching.
    with page.expect_response("**/watched/"):
        video.evaluate(PLAY_THE_LAST, 1)
    expect(video).to_have_js_property("ended", True)
    expect(percent).not_to_have_text("已观看 0%")
    watch = CourseWatch.objects.get()
    assert 0 < watch.seconds < 0.5 * SECONDS
    assert not Completion.objects.exists()
    # What is missing is played; the page says at once that the course is done.
    video.evaluate(PLAY_THE_LAST, 2 * SECONDS)
    expect(page.locator("main")).to_contain_text("您已完成", timeout=30_000)
    shoot(page, "course-video-done")
    assert Completion.objects.get().user == cast.liuyang
    person.go("/training/")
    person.sees("已完成")
    assert not person.faults
