"""Refuse UPDATE and DELETE on events, whoever asks.

The second lock; the first is that the app role has no such right (core.grants). TRUNCATE is left
to the rights alone: a trigger on it would break the flush between tests.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION core_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER core_event_append_only BEFORE UPDATE OR DELETE ON core_event
    FOR EACH STATEMENT EXECUTE FUNCTION core_event_refuse();
"""
ALLOW = """
DROP TRIGGER core_event_append_only ON core_event;
DROP FUNCTION core_event_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
