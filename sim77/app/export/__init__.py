"""What leaves the app: files, and how to make the same numbers again."""
