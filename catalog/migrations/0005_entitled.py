from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_fields")]

    operations: list[migrations.operations.base.Operation] = []
