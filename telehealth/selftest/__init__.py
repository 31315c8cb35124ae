"""The operator's self-test: two synthetic people walk one consultation through the running platform.

`cast` makes and puts away the facilities and accounts it plays with, `walk` has the steps, `visitor` and `room` are the
two people's browser and socket, `media.probe` their camera. Only `cast` touches the database; all else is what a
browser would do, over the network.
"""
