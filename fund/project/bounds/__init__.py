"""What bounds waiting: for arithmetic, for a database, for a mail server, for a thread that is free."""
