"""From measures to what a clinician reads."""
