"""Access, correction, deletion, export: requests, deadlines, outcomes."""
