from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_absences_and_caps")]

    operations = []
