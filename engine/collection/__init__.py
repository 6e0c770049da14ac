"""What may be stored of a payload, and recognising what must never be."""
