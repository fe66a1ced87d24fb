"""What Solara serves with its own page, around ours."""
