from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0016_widget")]

    operations: list[migrations.operations.base.Operation] = []
