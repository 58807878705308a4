"""The face in a frame: landmarks, head pose, quality, expression scores."""
