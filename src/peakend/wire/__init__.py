"""What the API is asked and what it answers: values that a server and a client share, without any I/O.

One file for each noun, in the words of docs/api.md. Instants are microseconds since 1970-01-01T00:00Z. Fields
that a newer server adds are passed over.
"""
