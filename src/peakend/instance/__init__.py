"""One installation: what its file says, and the worker that is made of it."""
