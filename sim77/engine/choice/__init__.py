"""What workers choose between: the utility of day plans, and allowances."""
