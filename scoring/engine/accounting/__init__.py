"""Activities become tonnes, by scope, with their uncertainty."""
