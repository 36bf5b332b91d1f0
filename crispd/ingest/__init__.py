"""From an event to a searchable photo: debounce, hash, decode, encode, write.

Stages are threads with bounded queues between them. One thread, the writer, owns the write
connection and every change of the vector index.
"""
