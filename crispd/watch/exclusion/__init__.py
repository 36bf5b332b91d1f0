"""Exclusion rules: which folders and files below a root are left out."""
