"""The HTTP API: routes, schemas and their OpenAPI document.

Routes ask a ``ServiceFacade``. May import auth, http, query, types and errors.
"""
