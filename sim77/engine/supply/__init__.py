"""How one gets to work: access legs, level of service, networks under load."""
