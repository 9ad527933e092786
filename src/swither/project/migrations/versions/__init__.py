"""One file for each schema, named after what it brings."""
