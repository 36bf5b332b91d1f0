"""The server process: sockets, TLS, mDNS, connection limits, start-up and its report.

Puts the application together of api, auth, http and webui, which it may import.
"""
