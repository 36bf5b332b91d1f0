"""SQLite, the one truth: everything that cannot be computed again cheaply.

The only room that knows SQLAlchemy. Reads go through a pool of read-only connections, writes
through one transaction at a time.
"""
