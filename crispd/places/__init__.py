"""Places without a network: what the place at a position is called, and where a name lies.

Of GeoNames (CC BY 4.0): cities of a thousand people and more, packed by ``scripts/gazetteer.py``.
Imports nothing of crispd but types, errors and platform.
"""
