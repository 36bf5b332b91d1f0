"""Groups of near-identical photos: copies, other versions, bursts.

Similar embeddings propose a pair, pixels decide. May import images, search, store, vectors, types,
errors and platform.
"""
