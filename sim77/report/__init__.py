"""Results as words, charts and pages, in French and English."""
