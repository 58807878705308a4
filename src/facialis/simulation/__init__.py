"""Healthy faces with a simulated palsy whose side, branches and severity are known."""
