"""The schema's history: one revision a file in `versions`, run by `engine.store.migrate`."""
