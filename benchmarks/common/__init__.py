"""What several measurements share: libraries, captioned photos, tables, curves."""
