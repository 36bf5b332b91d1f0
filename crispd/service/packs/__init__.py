"""Packs as the service has them: loading, choosing and changing them."""
