"""What is computed for viewers, and the process that keeps it."""
