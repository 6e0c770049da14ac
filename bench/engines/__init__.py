"""One policy, written once and told to Upheld and to its peers, each in its own language."""
