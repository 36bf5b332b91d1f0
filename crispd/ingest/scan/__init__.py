"""Scans: walks of the watched folders that find what events missed."""
