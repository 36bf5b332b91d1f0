"""HTTP beyond what FastAPI brings: strict bodies, conditions, ranges, uploads, problem+json.

Knows nothing of photos. May import types and errors.
"""
