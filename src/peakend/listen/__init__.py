"""Listening: whatever a service's systems have written down becomes one log of events.

This room never judges what an event means; it only says what happened, to whom and when, or why a row
cannot say so. `sources.convert` and `sources.native` are the two ways in.
"""
