"""Why one worker did what on one day."""
