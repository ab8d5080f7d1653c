from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("docs_portal", "0002_announcements")]

    operations: list[migrations.operations.base.Operation] = []
