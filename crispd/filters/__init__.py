"""The table of filters, and what works on any entry of it.

A filter is one entry of ``table.FILTERS``. What a text means, merging and matching over columns
follow from it. Loads neither numpy nor dateutil. Imports nothing of crispd but types, errors and
platform.
"""
