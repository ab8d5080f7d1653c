"""Open causes of a product by index; statistics for the lists of tickets nobody holds.

Almost every ended ticket has a holder and almost every open one a level: taken as independent,
the planner expects 15 unheld tickets where there are 2,000, fetches them all and sorts.
"""

from django.conf import settings
from django.db import migrations, models

STATISTICS = """
CREATE STATISTICS ticket_status_holder (mcv) ON status, assignee_id, level FROM tickets_ticket
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("tickets", "0002_desk_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="cause",
            index=models.Index(
                fields=["product", "-id"],
                name="cause_open",
                condition=models.Q(("delivered_at__isnull", True)),
            ),
        ),
        migrations.RunSQL(STATISTICS, "DROP STATISTICS ticket_status_holder"),
    ]
