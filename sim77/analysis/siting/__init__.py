"""Where to open the next telecentres."""
