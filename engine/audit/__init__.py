"""The ledger: an append-only Merkle tree of what was done, without personal data in clear."""
