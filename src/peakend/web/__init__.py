"""The front door: events and JSON for machines, pages for people, over one store and beside its worker."""
