"""Parts of a face in a picture: which there are, and how pictures of them are cut out."""
