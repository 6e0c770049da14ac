"""What services call on their hot path: who asks, may this be done, and a record of the answer."""
