from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_absences_and_caps")]

    operations = [
        migrations.AddField(
            model_name="servicecalendar",
            name="local_years",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], models.JSONField()),
                default=list,
                verbose_name="years entered by hand",
            ),
        ),
    ]
