"""HTTP beyond FastAPI: strict bodies, conditional requests, ranges, uploads, problem+json.

``images`` is imported for opening originals only. May import images, types, errors and platform.
"""
