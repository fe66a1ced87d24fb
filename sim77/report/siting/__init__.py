"""The page and the text of a search for sites."""
