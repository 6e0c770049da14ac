"""One file for each kind of place that personal data lies in."""
