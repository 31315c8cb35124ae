"""The project's own tool behind ``bin/dev.py``: sets up, starts, checks and tests the platform.

Standard library only, so that it runs on a machine with nothing but Python.
"""
