"""Folders: walking them, watching them, and telling whether they are really there.

The room knows names and stamps of files, never their content, and believes nothing twice: an
event is a hint that a path deserves a look, a walk says what it could not see.
"""
