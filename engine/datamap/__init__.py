"""Where personal data lies: stores, datasets, the identity graph, drift against the real schema."""
