from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("docs_portal", "0007_training")]

    operations: list[migrations.operations.base.Operation] = []
