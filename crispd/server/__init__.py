"""The server process: sockets, TLS, mDNS, connection limits, and the report at the start.

It puts the application together. May import api, auth, config, http, sample_queries,
service_facade, systemd, webui, types, errors and platform.
"""
