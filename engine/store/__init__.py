"""The engine's own tables and their migrations."""
