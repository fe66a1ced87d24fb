"""Tables of a territory from public files."""
