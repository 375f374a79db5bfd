"""undrift ends configuration drift on fleets of Linux servers."""

__version__ = "0.1.0"
