"""The nouns of Peakend: frozen values without any I/O, shared by every room above."""
