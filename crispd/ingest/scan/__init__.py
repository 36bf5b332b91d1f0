"""Scans: what events missed, found by walking the watched folders."""
