"""Thumbnails: the cache on disk, pictures rendered for people, and those made ahead of time.

May import images, ingest, store, types and errors.
"""
