"""What clinicians name: sides, regions, branches, movements, intensities."""
