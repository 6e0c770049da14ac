"""The policy: its text and rules, loaded with positions, linted, compiled, compared."""
