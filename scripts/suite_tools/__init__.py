"""What the commands of the README are made of. Standard library only until the project's own
Python environment exists; see `scripts/suite.py`."""
