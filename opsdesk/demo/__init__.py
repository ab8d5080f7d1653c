"""The demo company 远禾集团: the cast of the tests and what a first visitor meets."""
