"""A site on stand-in providers: made-up models, real requests, measured figures.

`make demo`. Everything is made up but the measuring: probes go through real jobs over real sockets
to servers of `tests.standin_provider` on this machine. Its database is its own, and every page
says that the data is simulated.
"""
