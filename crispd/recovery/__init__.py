"""Backup, restore and repair of a data folder: ``back_up``, ``restore``, ``repair``.

One module for each; ``salvage`` reads a damaged database page by page. The store knows nothing of
this room. May import default_data_dir, store, vectors, types, errors and platform.
"""
