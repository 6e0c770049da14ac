"""Benchmarks: `python -m bench` prints ratios, each measured against its floor in the same run."""
