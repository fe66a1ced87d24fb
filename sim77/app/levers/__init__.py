"""Levers: as the panel shows them, applied to a scenario, and told as dated policies."""
