"""Harvest: sources in, archive and dataset out. Here fetching and parsing meet.

``sources`` reads and checks what is to be harvested; ``crawl`` fetches it politely into the
archive; ``ingest`` turns what is archived into reports and the dataset; ``run`` ties them together.
"""
