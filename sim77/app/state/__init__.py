"""What a viewer has chosen, checked word by word, and the address that holds it."""
