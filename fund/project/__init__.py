"""What keeps any Django project running; nothing here knows of funds."""
