"""Designing: from a folder of YAML and Markdown to a typed pack, with every problem named at its line.

Conditions are compiled elsewhere and handed in; what a pack does to customers is decided by the fold alone.
"""
