"""From tables to people: workers, employers, teams and where they work."""
