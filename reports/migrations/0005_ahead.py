from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_explore")]

    operations: list[migrations.operations.base.Operation] = []
