"""What the API of manuals says and takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from docs_portal.choices import PageKind, PageStatus


class AskedShape(serializers.Serializer[Any]):
    """As whom a writer reads, and nothing else."""

    #: `as` is a word of Python's.
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            "as": serializers.CharField(
                max_length=40, required=False,
                help_text="Code of a product role: what its holders see. For its writers.",
            )
        }  # fmt: skip


class SearchShape(serializers.Serializer[Any]):
    """A search through the manuals."""

    q = serializers.CharField(max_length=200, help_text="Words; all of them must occur.")
    product = serializers.SlugField(required=False, help_text="Code of one product's manual.")
    start = serializers.IntegerField(
        min_value=0, max_value=2000, default=0, help_text="How many results to pass over."
    )


class AcknowledgeShape(serializers.Serializer[Any]):
    """Which text was read."""

    revision = serializers.IntegerField(
        min_value=1, help_text="Number of the revision that was before the person."
    )


class RoleSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class ManualSerializer(serializers.Serializer[Any]):
    """A manual, with the roles the person holds in its product."""

    code = serializers.CharField(help_text="The product's code, as in the addresses.")
    product = serializers.CharField()
    roles = RoleSerializer(many=True)
    url = serializers.CharField()


class PageLineSerializer(serializers.Serializer[Any]):
    """A page in the tree of its manual."""

    id = serializers.IntegerField(source="pk")
    slug = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(PageKind.choices)
    module = serializers.IntegerField(source="module_id", allow_null=True)
    feature = serializers.IntegerField(source="feature_id", allow_null=True)
    parent_page = serializers.IntegerField(
        source="seen_parent", allow_null=True, help_text="The page it stands below, if it is seen."
    )
    position = serializers.IntegerField()
    status = serializers.ChoiceField(PageStatus.choices)


class ManualTreeSerializer(ManualSerializer):
    """A manual with every page the person sees, in their order."""

    pages = PageLineSerializer(many=True)


class HeadingSerializer(serializers.Serializer[Any]):
    anchor = serializers.CharField()
    title = serializers.CharField()
    depth = serializers.IntegerField()


class RevisionSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    author = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)


class MustReadSerializer(serializers.Serializer[Any]):
    """What the person is asked about the page."""

    due_on = serializers.DateField(source="round.due_on")
    revision = serializers.IntegerField(
        source="round.revision.number", help_text="The material version it is asked for."
    )
    acknowledged_at = serializers.DateTimeField(allow_null=True)


class PageSerializer(PageLineSerializer):
    """A page as the person reads it: parts for other roles are left out."""

    revision = RevisionSerializer()
    body = serializers.CharField(help_text="Markdown.")
    html = serializers.CharField(help_text="The same as safe HTML.")
    outline = HeadingSerializer(many=True)
    must_read = MustReadSerializer(allow_null=True)
    url = serializers.CharField()


class MyMustReadSerializer(serializers.Serializer[Any]):
    """A page that waits for the person's acknowledgement."""

    page = serializers.IntegerField(source="must_read.page_id")
    manual = serializers.CharField(source="must_read.page.manual.product.code")
    slug = serializers.CharField(source="must_read.page.slug")
    title = serializers.CharField(source="must_read.page.title")
    revision = serializers.IntegerField(source="revision.number")
    due_on = serializers.DateField()


class AcknowledgedSerializer(serializers.Serializer[Any]):
    revision = serializers.IntegerField(source="revision.number")
    acknowledged_at = serializers.DateTimeField()


class HitSerializer(serializers.Serializer[Any]):
    """A page that was found, with the section that fits best."""

    page = serializers.IntegerField(source="page.pk")
    manual = serializers.CharField(source="page.manual.product.code")
    slug = serializers.CharField(source="page.slug")
    title = serializers.CharField(source="page.title")
    heading = serializers.CharField(source="section.heading")
    anchor = serializers.CharField(source="section.anchor")


def listed(name: str, rows: type[serializers.Serializer[Any]]) -> Any:
    """The shape of an answer that holds a list."""
    return type(name, (serializers.Serializer,), {"results": rows(many=True)})


ManualListSerializer = listed("ManualListSerializer", ManualSerializer)
MyMustReadListSerializer = listed("MyMustReadListSerializer", MyMustReadSerializer)


class HitListSerializer(serializers.Serializer[Any]):
    results = HitSerializer(many=True)
    has_more = serializers.BooleanField()
    corrected = serializers.CharField(
        help_text="The words searched instead, where the query itself found nothing."
    )
