"""Who agreed to what, and what a login must pass."""
