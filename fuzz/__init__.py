"""Fuzzing of the readers: ``python -m fuzz`` (``make fuzz``). See ``fuzz.__main__``."""
