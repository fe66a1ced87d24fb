"""The same seed gives the same bytes, and the same persons."""
