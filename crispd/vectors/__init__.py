"""Vector search in memory: inner products with all vectors, in 8 bits and refined to 16.

A graph proposes the nearest few of a large library. The only room that uses simsimd and hnswlib.
The index file is a cache of what SQLite holds. Imports nothing of crispd but types, errors and
platform.
"""
