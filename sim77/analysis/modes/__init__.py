"""How people get to work: the choice of a mode, fitted to a census."""
