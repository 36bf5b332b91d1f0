"""The stages of the pipeline, and what travels between them.

A stage is a thread with a bounded queue before it.
"""
