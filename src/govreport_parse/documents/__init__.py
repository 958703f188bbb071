"""Readers: one per format, all of them ending in ``model.Document``."""
