"""The HTTP API: routes, schemas and the OpenAPI document.

Routes call a ``ServiceFacade``. May import auth, filters, http, images, query, service_facade,
types, errors and platform.
"""
