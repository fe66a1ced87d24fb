"""Scenarios: a network of telecentres, dated changes, their file form and algebra."""
