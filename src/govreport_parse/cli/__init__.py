"""The command line: ``main`` holds the table of verbs, the other modules the verbs in groups."""
