"""Distances, areas and angles of the two halves of a face, and what is usual for them."""
