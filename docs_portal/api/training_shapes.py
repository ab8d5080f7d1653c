"""What the API of training says and takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.api.endpoint import Shape
from docs_portal.choices import CourseForm, CourseStatus, EnrolmentSource, SeatState
from docs_portal.policies.watching import KEPT
from docs_portal.rendering.training import SHOWN


class CheckInShape(Shape):
    code = serializers.CharField(max_length=20, help_text="As the screen shows it; case is one.")


class WatchedShape(Shape):
    parts = serializers.ListField(
        child=serializers.ListField(
            child=serializers.FloatField(min_value=0, max_value=1_000_000),
            min_length=2, max_length=2,
        ),
        max_length=KEPT, help_text="Pairs of seconds of the video, such as `[[0, 12.5]]`.",
    )  # fmt: skip


class ShowShape(serializers.Serializer[Any]):
    show = serializers.ChoiceField([(name, name) for name in SHOWN], default="waiting")


class CourseLineSerializer(serializers.Serializer[Any]):
    """A course in a list."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    form = serializers.ChoiceField(CourseForm.choices)
    product = serializers.CharField(
        source="product.code", allow_null=True, default=None, help_text="Its code."
    )
    content_version = serializers.IntegerField()


class EnrolmentSerializer(serializers.Serializer[Any]):
    """How a person came to a course, by when, and how far."""

    source = serializers.ChoiceField(EnrolmentSource.choices)  # type: ignore[assignment]
    due_on = serializers.DateField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    completed_version = serializers.IntegerField(allow_null=True)
    excused_at = serializers.DateTimeField(allow_null=True)


class WaitingSerializer(EnrolmentSerializer):
    course = CourseLineSerializer()


class SessionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    place = serializers.CharField()
    link = serializers.CharField()


class SeatSerializer(serializers.Serializer[Any]):
    """A seat of the asking person, or their place on the waiting list."""

    course = serializers.IntegerField(source="session.course_id")
    session = SessionSerializer()
    state = serializers.ChoiceField(SeatState.choices)
    checked_in_at = serializers.DateTimeField(allow_null=True)


class CompletionSerializer(serializers.Serializer[Any]):
    course = CourseLineSerializer()
    content_version = serializers.IntegerField()
    completed_at = serializers.DateTimeField()


class MyTrainingSerializer(serializers.Serializer[Any]):
    """`waiting`: asked and not done; `offered`: open to the person, who has not taken it."""

    waiting = WaitingSerializer(many=True)
    seats = SeatSerializer(many=True)
    completed = CompletionSerializer(many=True)
    offered = CourseLineSerializer(many=True)


class StepSerializer(serializers.Serializer[Any]):
    """A page to read or a video to watch."""

    label = serializers.CharField()  # type: ignore[assignment]
    url = serializers.CharField()
    done = serializers.BooleanField()
    video = serializers.IntegerField(
        source="video.pk", allow_null=True, default=None, help_text="Its id, for what was watched."
    )
    seconds = serializers.FloatField(allow_null=True, help_text="Watched so far.")
    length = serializers.FloatField(allow_null=True, help_text="Of the video, in seconds.")


class SessionLineSerializer(SessionSerializer):
    """A session to come as the asking person has it before them."""

    id = serializers.IntegerField(source="session.pk")
    starts_at = serializers.DateTimeField(source="session.starts_at")
    ends_at = serializers.DateTimeField(source="session.ends_at")
    place = serializers.CharField(source="session.place")
    link = serializers.CharField(source="session.link")
    trainer = serializers.CharField(source="session.trainer.name", allow_null=True, default=None)
    free = serializers.IntegerField(allow_null=True, help_text="Seats; null: no limit.")
    state = serializers.CharField(help_text="booked, waiting, here; empty without a seat.")


class CourseSerializer(CourseLineSerializer):
    """A course as the asking person has it before them."""

    id = serializers.IntegerField(source="course.pk")
    title = serializers.CharField(source="course.title")
    form = serializers.ChoiceField(CourseForm.choices, source="course.form")
    product = serializers.CharField(
        source="course.product.code", allow_null=True, default=None, help_text="Its code."
    )
    content_version = serializers.IntegerField(source="course.content_version")
    about = serializers.CharField(source="course.about", help_text="Markdown.")
    status = serializers.ChoiceField(CourseStatus.choices, source="course.status")
    minutes = serializers.IntegerField()
    mine = EnrolmentSerializer(allow_null=True, help_text="Null: the person does not take it.")
    steps = StepSerializer(source="progress.steps", many=True)
    sessions = SessionLineSerializer(many=True)


class WatchedSerializer(serializers.Serializer[Any]):
    """What was watched of the video by now, joined."""

    seconds = serializers.FloatField()
    parts = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)
    )


class CountsSerializer(serializers.Serializer[Any]):
    asked = serializers.IntegerField()
    completed = serializers.IntegerField()
    waiting = serializers.IntegerField()
    overdue = serializers.IntegerField()
    excused = serializers.IntegerField()


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()


class CoursePersonSerializer(EnrolmentSerializer):
    person = PersonSerializer(source="user")


class CoursePeopleSerializer(serializers.Serializer[Any]):
    counts = CountsSerializer()
    results = CoursePersonSerializer(many=True)
