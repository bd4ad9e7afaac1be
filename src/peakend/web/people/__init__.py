"""Who is there: passwords, sessions, keys, links that work once, and signing in by somebody else's word."""
