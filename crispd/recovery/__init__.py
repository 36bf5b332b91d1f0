"""Backup, restore and repair of a data folder.

One function a verb. May import store, vectors, types and errors.
"""
