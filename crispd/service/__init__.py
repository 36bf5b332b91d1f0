"""The composition root: ``Service`` builds, starts and stops the parts, and answers through them.

The HTTP rooms see it as a ``ServiceFacade``. May import config, duplicates, fine_pack, hub,
images, ingest, library, memory_budgets, memory_plan, ocr, pack_manager, pack_switch, packs, places,
query, sample_queries, search, store, thumbnails, vectors, watch, types, errors and platform.
"""

from __future__ import annotations

from crispd.service.composition import Service

__all__ = ["Service"]
