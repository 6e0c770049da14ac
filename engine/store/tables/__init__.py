"""The engine's own tables, one file for each area."""
