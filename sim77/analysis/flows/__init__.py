"""Commuting flows, estimated where no census file is imported."""
