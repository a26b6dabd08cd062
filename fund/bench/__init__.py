"""What `manage.py bench` measures, each as a ratio to a floor in the same run."""
