"""
Interprets the tasks of a play for each host and turns each into a request. A host's walk is a generator that goes on
until it needs an answer that is still out; what has been asked by then travels as one batch.
"""
