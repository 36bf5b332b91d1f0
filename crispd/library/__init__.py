"""The library: an opened data folder whose parts fit together.

May import config, default_data_dir, images, memory_plan, ocr, pack_switch, packs, places, store,
thumbnails, vectors, watch, types, errors and platform.
"""
