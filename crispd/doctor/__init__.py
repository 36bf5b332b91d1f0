"""Checks of an installation, each with advice: ``crispd doctor``.

Every check returns findings; none raises, none writes. Safe beside a running service. May import
images, ocr, pack_switch, packs, store, thumbnails, vectors, watch, types, errors and platform.
"""
