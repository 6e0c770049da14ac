"""Personal data in files of JSON lines, such as access logs."""

from adapters.jsonl.adapter import JsonlAdapter

__all__ = ["JsonlAdapter"]
