"""How common words are in titles: for tickets like one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0010_bursts")]

    operations = [
        migrations.CreateModel(
            name="WordCount",
            fields=[
                (
                    "word",
                    models.CharField(max_length=40, primary_key=True, serialize=False),
                ),
                ("titles", models.PositiveIntegerField()),
            ],
        ),
    ]
