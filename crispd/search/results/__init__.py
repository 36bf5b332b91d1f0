"""From a ranking to what a client gets: collapsed duplicates, pages, the cache behind cursors."""
