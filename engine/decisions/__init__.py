"""May this be done? A permit or a deny, the deciding rule, and what to do besides."""
