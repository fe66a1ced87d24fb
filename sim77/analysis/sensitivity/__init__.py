"""Which factors of a study matter."""
