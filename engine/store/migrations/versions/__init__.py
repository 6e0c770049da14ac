"""The revisions, oldest first by their number; once released, a revision is never edited."""
