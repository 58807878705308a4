"""Protocols that cannot leak, and the metrics that every method is judged by."""
