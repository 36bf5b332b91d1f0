"""The web page: its assets, their edition, and the pages that the service makes itself."""
