"""What ``manage.py`` gets from airlock."""
