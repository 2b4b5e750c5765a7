"""A consistent company of any size, written with set-based SQL: see `build.py`."""
