"""Tests by kind: unit, property, science, oracle, determinism, cli."""
