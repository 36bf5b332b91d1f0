"""Photos that are nearly the same: copies, versions, bursts.

Similar embeddings propose a pair, pixels decide. May import images, store, vectors, search, types.
"""
