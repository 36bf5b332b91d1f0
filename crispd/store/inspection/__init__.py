"""Looks at a database that is not opened for work: nothing is migrated, locked or written."""
