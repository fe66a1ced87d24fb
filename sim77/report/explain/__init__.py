"""The text of an explanation."""
