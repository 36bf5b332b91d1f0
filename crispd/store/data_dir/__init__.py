"""The data folder on disk: created, marked, locked, private, with room left."""
