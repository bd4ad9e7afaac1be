"""One customer, gathered for pages and for the API alike: each part by one function, without its dress.

A customer means every name of that person. Addresses are masked here, before anything is shown.
"""
