"""The version of sim77, in one place."""

__version__ = "0.1.0"
