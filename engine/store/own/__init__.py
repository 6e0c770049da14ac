"""What Upheld promises of the personal data in its own tables: a policy and a data map like any other."""
