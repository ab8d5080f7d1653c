from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("feedback", "0002_review_of_the_result")]

    operations = []
