# Two commands: `make demo` and `make test`. Both need only git, make and Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Seconds for each target of `make fuzz`; documents and inputs of `make long`.
FUZZ_SECONDS ?= 60
LONG_DOCUMENTS ?= 100000
LONG_INPUTS ?= 1000000
# Options of `make bench`, such as BENCH="--quick --json bench.json".
BENCH ?=

PYTEST = $(BIN)/python -m pytest -n 2 --dist loadgroup -m "not long"
# The tests of decoding, the readers, matching and checks.
READING := tests/goldens tests/properties tests/unit/checks tests/unit/decode tests/unit/documents \
  tests/unit/matching tests/unit/test_numbers.py tests/unit/test_parsing.py tests/unit/test_text.py

.PHONY: demo test cover check docs fuzz long bench clean lock lowest lowest-lock

demo: $(STAMP)
	$(BIN)/govreport demo -o demo-output

# First what reads documents, with its coverage of lines and branches; then all the rest.
test: $(STAMP) check cover
	$(PYTEST) tests $(addprefix --ignore=,$(READING))

cover: $(STAMP)
	$(PYTEST) $(READING) --cov --cov-fail-under=95

check: $(STAMP)
	$(BIN)/ruff check src tests benchmarks fuzz scripts docs notebooks
	$(BIN)/ruff format --check src tests benchmarks fuzz scripts docs/conf.py docs/reference_pages.py
	$(BIN)/mypy

# Into docs/_build/html; a warning is an error.
docs: $(STAMP)
	$(BIN)/python -m sphinx -W --keep-going -q -d docs/_build/trees docs docs/_build/html

# Coverage-guided where atheris has a wheel for this Python, plain seeded mutation elsewhere.
fuzz: $(STAMP)
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	$(BIN)/python -m fuzz --seconds $(FUZZ_SECONDS)

# Some three hours on two cores: the tests marked long, damaged reports, mutated pages and texts.
long: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m long
	$(BIN)/python benchmarks/run_damage.py --documents $(LONG_DOCUMENTS)
	$(BIN)/python -m fuzz --engine plain --inputs $(LONG_INPUTS) --seconds 7200 \
	  --target html_reader --target html --target text

# Against what a user would pick instead; a tool that has no wheel here is told as not installed.
bench: $(STAMP)
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	$(BIN)/python -m benchmarks $(BENCH)

$(STAMP): requirements/dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

# Pins every dependency with its hashes; run by hand, needs uv.
lock:
	uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --all-extras --group dev pyproject.toml -o requirements/dev.txt
	uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --group fuzz -o requirements/fuzz.txt
	uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  -c requirements/dev.txt --group bench -o requirements/bench.txt

# The lowest versions that pyproject.toml permits, for the core and the small extras; needs uv.
LOWEST := .venv-lowest
lowest:
	uv venv --quiet --clear --python 3.11 $(LOWEST)
	grep -vE '^(rapidocr|onnxruntime|opencv|shapely|dask|distributed|parsl)' requirements/lowest.txt \
	  > $(LOWEST)/lowest.txt
	VIRTUAL_ENV=$(LOWEST) uv pip install --quiet --no-deps -r $(LOWEST)/lowest.txt
	VIRTUAL_ENV=$(LOWEST) uv pip install --quiet -c $(LOWEST)/lowest.txt pytest hypothesis
	PYTHONPATH=src $(LOWEST)/bin/python -m pytest -q -m "not long" \
	  tests/docs/test_guides.py tests/unit/test_frames.py tests/unit/test_parsing.py

lowest-lock:
	uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --resolution lowest-direct \
	  --no-emit-index-url --no-annotate --all-extras --custom-compile-command "make lowest-lock" \
	  pyproject.toml -o requirements/lowest.txt

clean:
	rm -rf $(VENV) $(LOWEST) demo-output docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis
