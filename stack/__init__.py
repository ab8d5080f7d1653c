"""Starts, watches and stops everything OpsDesk needs on one machine.

Standard library only, and ignorant of Django and of every app: it must run before anything is
installed. Entry points are `run.py`, `test.py`, `bench.py`, `soak.py` (the Makefile's targets)
and `commands.py` (used by `manage.py`).
"""
