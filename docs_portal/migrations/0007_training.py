from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("docs_portal", "0006_debt")]

    operations: list[migrations.operations.base.Operation] = []
