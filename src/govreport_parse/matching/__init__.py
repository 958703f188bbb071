"""The form laid over a document: rows, columns, sections, organ and year."""
