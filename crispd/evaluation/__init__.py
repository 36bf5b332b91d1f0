"""Quality and speed of a model pack over captioned photos: ``crispd eval``.

May import fine_pack, images, packs, query, search, vectors, types, errors and platform.
"""
