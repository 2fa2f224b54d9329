"""Small fingerprints of a text, one per view."""
