"""Watched folders: walks, file events, and whether a folder is present and the right one.

This room knows names and stamps of files, never their content. An event only hints that a path may
have changed; a walk reports what it could not read. Imports nothing of crispd but types, errors and
platform.
"""
