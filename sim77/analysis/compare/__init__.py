"""What a policy changes: two scenarios, paired."""
