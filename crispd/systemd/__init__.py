"""Notifications to systemd, sockets from it, and the unit files for it.

Imports nothing of crispd but types, errors and platform.
"""
