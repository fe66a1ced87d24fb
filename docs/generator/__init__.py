"""The generated pages of the documentation: ``python -m docs.generator``."""
