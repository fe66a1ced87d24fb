"""Those who decide once a month or a quarter: employers and operators."""
