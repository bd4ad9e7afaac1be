"""From a delivery to somebody's screen: texts with their values, and the channels that take them there.

A channel takes a letter whose words are final and answers with a receipt. Nothing here decides whether a
letter leaves, and nothing here tries again: both belong to the loop.
"""
