"""The world in: records of every format become articles."""
