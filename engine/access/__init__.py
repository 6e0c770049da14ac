"""Who is asking: sessions, one-time codes, officers, API keys, and how often anybody may ask."""
