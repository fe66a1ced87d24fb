"""A finished run: its trace, and the side that the browser draws of it."""
