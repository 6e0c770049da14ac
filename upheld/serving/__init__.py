"""Running Upheld: the supervisor, its web workers, the scheduler that one replica at a time owns."""
