"""Access control: tokens, scopes, pairing, cookies, throttling, and the middleware before routes.

May import http, service_facade, types, errors and platform.
"""
