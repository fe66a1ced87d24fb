"""Parameters of the choice model from a survey."""
