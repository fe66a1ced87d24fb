"""One function or class against worked numbers."""
