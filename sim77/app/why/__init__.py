"""Workers drawn, their days explained, and what would have changed them."""
