# Every target makes the virtual environment from the lock when it is missing or older than the lock.
# Needs python3 (3.11 or newer) with venv, and make; nothing else.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.from-lock
SHARED ?= ../shared

.PHONY: demo test check serve docs test-shared bench-spine bench-validate repeat bench-hostile schema-agreement lock clean

demo: $(STAMP)  ## play both roles against the bundled reference practice under every profile of the list, and write the reports
	$(BIN)/gp2gp demo

test: $(STAMP)  ## style, types, import contracts and every test
	$(MAKE) check
	$(BIN)/python -m pytest -q --cov --cov-report=term

check: $(STAMP)  ## ruff, mypy and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

serve: $(STAMP)  ## run Spine by itself
	$(BIN)/gp2gp serve

docs: $(STAMP)  ## write the generated pages of docs/
	$(BIN)/python -m harness.documents

test-shared: $(STAMP)  ## tests that read the published samples, then a run that sends each; needs them in $(SHARED)
	$(BIN)/python -m pytest -q -m shared
	$(BIN)/gp2gp run --sut examples/reference.toml --records $(SHARED)/samples --table docs/published-samples.md

bench-spine: $(STAMP)  ## messages a second through Spine, beside a server that answers 202 and does nothing
	$(BIN)/python -m tests.bench.spine

repeat: $(STAMP)  ## one seed eleven times over: nothing may differ from the first run
	$(BIN)/python -m tests.bench.repeat

schema-agreement: $(STAMP)  ## our schemas beside the official ones on samples and mutants; needs $(SHARED)
	$(BIN)/python -m tests.agreement

bench-validate: $(STAMP)  ## our verdict on the largest samples beside the XSD validation alone; needs the samples in $(SHARED)
	$(BIN)/python -m tests.bench.validate $(SHARED)

bench-hostile: $(STAMP)  ## time and memory of gp2gp validate on files that were made to hurt
	$(BIN)/python -m tests.bench.hostile

lock:  ## resolve the two locks again (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 -q -o requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --generate-hashes --python-version 3.11 -q -o requirements-dev.lock

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; this is %d.%d. Name another with: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

clean:
	rm -rf $(VENV) build dist
