"""Packs that can be had: the catalogue, installation from a hub or a folder, and advice.

May import hub, pack_switch, packs, store, types, errors and platform.
"""
