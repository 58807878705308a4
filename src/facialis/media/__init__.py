"""Pictures in, upright RGB frames with the patient's own sides out."""
