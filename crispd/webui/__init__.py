"""The web page: templates, strings, scripts, styles and their routes.

May import api, auth, filters, http, query, sample_queries, search, service_facade, types and
errors.
"""
