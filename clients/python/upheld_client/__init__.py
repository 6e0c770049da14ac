"""Ask Upheld, over HTTP, what may be done with a person's data. Every failure is a deny."""

from upheld_client.answers import Decision, Gate
from upheld_client.client import Upheld
from upheld_client.errors import Refused, Unreachable, UpheldError

__all__ = ["Decision", "Gate", "Refused", "Unreachable", "Upheld", "UpheldError"]
