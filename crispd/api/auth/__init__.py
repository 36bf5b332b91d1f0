"""Who may ask what: tokens, pairing, cookies, and the guard in front of every route."""
