"""Personal data in a relational database: any that SQLAlchemy speaks to, SQLite and PostgreSQL in full."""

from adapters.sql.adapter import SqlAdapter

__all__ = ["SqlAdapter"]
