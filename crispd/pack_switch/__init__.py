"""Change of the model pack without a gap: the new pack's vectors are built beside the old one's,
which answers until a check has passed.

Knows nothing of the service, which hands in what answers and takes what shall. May import images,
ingest, packs, store, vectors, watch, types, errors and platform.
"""
