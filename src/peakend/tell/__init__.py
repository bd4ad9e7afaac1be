"""What was decided, said to people: one catalogue and one teller, for the terminal and for the page alike.

A sentence is written whole in each language and filled with names. Where it is printed and how it is dressed
is the reader's business; nothing here knows of HTML, columns or colours.
"""
