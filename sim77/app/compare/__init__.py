"""A comparison as the browser reads it."""
