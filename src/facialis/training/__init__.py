"""Training of the networks that Facialis ships; needs the extra ``train``."""
