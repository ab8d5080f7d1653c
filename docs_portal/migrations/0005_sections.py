from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("docs_portal", "0004_writing")]

    operations: list[migrations.operations.base.Operation] = []
