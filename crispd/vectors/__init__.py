"""Vector search in memory: an HNSW graph, exact scores for small libraries, and the index file.

The only room that uses hnswlib. The file is a cache of what SQLite holds. Imports nothing of
crispd but types, errors and platform.
"""
