from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("docs_portal", "0001_initial")]

    operations = []
