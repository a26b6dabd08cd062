"""Training tables, and the models made from them: made, compared, put in force, watched."""
