"""One module a format: each turns the bytes of a request into raw events, and knows nothing else."""
