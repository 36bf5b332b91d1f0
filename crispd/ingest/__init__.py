"""The indexing pipeline, from event to searchable photo: debounce, hash, decode, encode, write.

Stages are threads with bounded queues between them. One thread, the writer, owns the write
connection and every change of the vector index. May import images, memory_budgets, memory_plan,
packs, store, vectors, watch, types, errors and platform.
"""
