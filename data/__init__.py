"""What ships with the program: schema, mappings, reference lists and the demo newsroom."""
