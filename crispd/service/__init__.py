"""The composition root: ``Service`` builds, starts and stops everything, and answers through it.

The outside sees it as a ``ServiceFacade``. May import every room but the outside ones (api, auth,
http, webui, server, cli).
"""

from __future__ import annotations

from crispd.service.composition import Service

__all__ = ["Service"]
