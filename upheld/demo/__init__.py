"""The demo: an invented AI API platform full of invented people, and its mailbox."""
