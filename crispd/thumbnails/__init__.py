"""Thumbnails: the cache on disk, previews, and prefetching after indexing.

May import images, ingest, memory_budgets, store, types, errors and platform.
"""
