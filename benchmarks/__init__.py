"""Measurements of Facialis itself: how right, how fast, how large.

Each module is a command, ``python -m benchmarks.speed``, that writes what it measured to
``benchmarks/results`` and the tables made of it into a page of ``docs``.
"""
