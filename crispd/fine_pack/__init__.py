"""The fine pack: a heavier pack that re-ranks shortlists of the one that answers.

It sees photos in the order in which they come up in shortlists, while a search waits for it and
behind searches, and no others: after J. Hönig et al., Bi-Encoder Cascades for Efficient Image
Search (arXiv 2303.15595). May import images, ingest, packs, search, store, thumbnails, types,
errors and platform.
"""
