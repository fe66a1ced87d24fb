"""What is declared once: parameters, levers, indicators, effects and claims."""
