"""The version, where everything may read it, installed or not."""

__version__ = "0.1.0"
