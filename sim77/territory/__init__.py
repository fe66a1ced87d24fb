"""The tables of a territory: their form, reading and checking them, and what ships."""
