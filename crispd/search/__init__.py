"""From a ``Query`` to a page of results: encode, filter, retrieve, rerank, cut off, collapse.

One step a file; ``engine`` chains them. May import filters, packs, query, store, vectors, types and
errors.
"""
