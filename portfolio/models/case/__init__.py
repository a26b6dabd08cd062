"""What a verification rests on and comes to: the plan before the year, the opinion after it. One file an idea."""
