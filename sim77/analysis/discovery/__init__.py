"""Where in the space of a study something holds, and how robustly."""
