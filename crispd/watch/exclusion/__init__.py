"""Which folders and files below a root are left alone."""
