"""Collections of faces, each in its own layout, read as samples of one kind."""
