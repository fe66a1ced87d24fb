"""Stored studies: where they are, and what the browser draws and asks of them."""
