"""What crispd does on this machine and with this library, measured: ``crispd bench``.

May import config, images, library, memory_plan, packs, sample_queries, search, service, store,
watch, types, errors and platform.
"""
