"""What a privacy policy's promises mean: no web, no particular database of the platform."""
