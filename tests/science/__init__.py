"""What the model must show as a whole: theory, conservation, signs, published numbers."""
