"""What is said of telecentres, and what the model makes of it."""
