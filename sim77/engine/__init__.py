"""The model: one simulated day in its phases. Read `sim77.engine.model` first."""
