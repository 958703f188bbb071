"""Bytes to text: what kind of document it is (``sniff``) and its characters (``charset``)."""
