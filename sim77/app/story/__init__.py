"""Stories: files read strictly, and scenes with the figures of their own runs."""
