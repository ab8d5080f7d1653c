from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("docs_portal", "0005_sections")]

    operations: list[migrations.operations.base.Operation] = []
