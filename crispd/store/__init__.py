"""The SQLite database, which holds everything that cannot be computed again cheaply.

The only room that uses SQLAlchemy. Reads go through a pool of read-only connections, writes
through one transaction at a time. Imports nothing of crispd but types, errors and platform.
"""
