"""What holds for every generated input."""
