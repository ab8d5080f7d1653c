from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_words_of_people")]

    operations: list[migrations.operations.base.Operation] = []
