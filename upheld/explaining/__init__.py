"""Explanations as people read them, and as programs do; `engine` works them out."""
