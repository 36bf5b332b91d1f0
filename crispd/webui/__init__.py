"""The pages: templates, strings, static files, and the routes that serve them."""
