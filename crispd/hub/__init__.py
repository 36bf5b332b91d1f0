"""Downloads from a model hub: what a repository holds at a commit, and its files.

Speaks the protocol of the Hugging Face hub and its mirrors. Every byte is checked against the
listing of a pinned commit, and nothing that comes is executed. Imports nothing of crispd but types,
errors and platform.
"""
