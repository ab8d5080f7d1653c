from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("docs_portal", "0003_roles")]

    operations: list[migrations.operations.base.Operation] = []
