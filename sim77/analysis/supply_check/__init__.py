"""What a territory's supply says, compared with observations that are kept beside it."""
