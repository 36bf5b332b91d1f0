"""Access control: tokens, scopes, pairing, cookies, throttling, and the middleware of every route.

May import http, types and errors.
"""
