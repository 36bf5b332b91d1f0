"""Backup, restore and repair of a data folder: ``back_up``, ``restore``, ``repair``.

One module a verb; of a damaged database ``salvage`` reads what can be told, page by page. May
import default_data_dir, store, vectors, types and errors. The store knows nothing of it.
"""
