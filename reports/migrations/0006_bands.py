from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from reports.policies.explore.bands import EDGES
from reports.querysets import WholeNumberField

#: What is summed now and was not: figure → dimension → value of a row.
_ONE = {
    "": "''",
    **{
        name: f"COALESCE({name}_id::text, '')"
        for name in ("module", "department", "team", "person", "cause")
    },
    **{name: name for name in ("type", "channel", "step")},
    "level": "COALESCE(level::text, '')",
    "module_type": "COALESCE(module_id::text, '') || ':' || type",
}
_PLACES = ("", "module", "type", "department", "team", "person", "channel")
_SUMMED = {
    "first_response": _PLACES,
    "resolution": (*_PLACES, "level"),
    "loop_time": ("", "module", "department"),
    "waited": ("step",),
    "cause": ("cause",),
    "created": ("module_type",),
    "resolved": ("module_type",),
}
_BANDS = """
UPDATE reports_liverow SET band = width_bucket(seconds, %s::bigint[])
WHERE figure IN ('first_response', 'resolution', 'loop_time', 'waited')
    AND seconds IS NOT NULL AND band IS NULL
"""
_CELLS = """
INSERT INTO reports_livecell (grain, dimension, figure, starts_on, product_id, confidential, value,
    rows, met, seconds, bands)
SELECT %s, %s, figure, date_trunc(%s, at AT TIME ZONE %s)::date, product_id, confidential,
    {value}, count(*), sum(amount), COALESCE(sum(seconds), 0),
    COALESCE(sum(('1' || repeat('0', 8 * band))::numeric), 0)
FROM reports_liverow WHERE figure = %s GROUP BY 3, 4, 5, 6, 7
"""


def _fill(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The bands of the rows that are there, and their cells: pages read them from now on."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_BANDS, [list(EDGES)])
        for figure, dimensions in _SUMMED.items():
            for dimension in dimensions:
                for grain in ("week", "month"):
                    cursor.execute(
                        _CELLS.format(value=_ONE[dimension]),
                        [grain, dimension, grain, settings.TIME_ZONE, figure],
                    )


def _empty(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    with schema_editor.connection.cursor() as cursor:
        for figure, dimensions in _SUMMED.items():
            cursor.execute(
                "DELETE FROM reports_livecell WHERE figure = %s AND dimension = ANY(%s)",
                [figure, list(dimensions)],
            )


class Migration(migrations.Migration):
    """Rows get the band of their seconds and cells their histograms (docs/decisions/0025).

    The rows of four figures are written once more, in one transaction: the pages show the old
    figures until it ends (two minutes for 100,000 tickets on a busy machine). A worker of the
    version before that still runs meanwhile leaves rows without band; `manage.py verify` names
    them, `rebuild_facts` mends them.
    """

    dependencies = [("reports", "0005_ahead")]

    operations = [
        migrations.AddField("livecell", "seconds", models.BigIntegerField(default=0)),
        migrations.AddField("livecell", "bands", WholeNumberField(default=0)),
        migrations.AlterField(
            "livecell", "value", models.CharField(blank=True, default="", max_length=48)
        ),
        migrations.AddField("liverow", "band", models.PositiveSmallIntegerField(null=True)),
        migrations.RunPython(_fill, _empty),
        migrations.AddIndex(
            "liverow",
            models.Index(
                fields=["figure", "band", "at"],
                include=["seconds"], name="live_row_band",
                condition=models.Q(("band__isnull", False)),
            ),
        ),
    ]  # fmt: skip
