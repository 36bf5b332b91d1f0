"""The folder that ships: graphs, small files, manifest, card."""
