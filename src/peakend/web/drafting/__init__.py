"""A play as a form: which of its values people change by fields, and what a filled form changes."""
