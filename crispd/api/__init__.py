"""The HTTP face: routes, schemas, errors as problem+json, and the server around them."""
