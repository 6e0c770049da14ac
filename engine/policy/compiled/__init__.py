"""Rules compiled to cells over leaf names and conditions over facts: what decisions and the diff share."""
