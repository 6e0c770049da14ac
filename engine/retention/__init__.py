"""What is due, what is held, purge runs, and looking again."""
