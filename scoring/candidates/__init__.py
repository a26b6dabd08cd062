"""What P says of a candidate, as words and marks: for lists, dossiers, decisions and memos alike."""
