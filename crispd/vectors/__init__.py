"""Vectors in memory: an HNSW graph, exact scores for small libraries, and the file between runs.

The only room that knows hnswlib. The file is a cache of what SQLite holds.
"""
