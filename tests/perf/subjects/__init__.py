"""What is measured: one file per subject, each with a list ``LINES`` (see `harness/line.py`)."""
