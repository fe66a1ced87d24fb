"""The plain model of the same rules, and the comparison of the engine with it."""
