# Two commands do everything: `make run` and `make test`.
#
#   make run                        serve the bundled sample album at http://127.0.0.1:8642
#   make run PHOTOS=/srv/photos     serve a folder; several: PHOTOS=/srv/photos:/srv/more
#   make test                       run the tests
#   make browser-test               those of the page, in Chromium (apt install chromium)
#   make check                      tests, linter, types
#   make bench                      the benchmarks, see benchmarks/README.md
#   make clean                      remove the environment; make distclean: and the sample's data

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# make run keeps its data here unless CRISPD_DATA_DIR says otherwise: one folder to remove.
run: export CRISPD_DATA_DIR ?= $(CURDIR)/data
ifdef PHOTOS
run: export CRISPD_FOLDERS := $(PHOTOS)
else
run: export CRISPD_FOLDERS ?= $(CURDIR)/crispd/sample_album
endif

.PHONY: run browser-test screenshots test check lint types bench wheel clean distclean

run: $(VENV)/.installed
	@$(BIN)/crispd serve

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest

# Its browser is the system's: no other one is downloaded.
browser-test: $(VENV)/.installed-test
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
		{ echo "There is no Chromium: apt install chromium"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[browser]'
	$(BIN)/python -m pytest -m browser tests/browser

# Of the sample album, at the sizes of a phone, a tablet and a desk, into screenshots/.
screenshots: $(VENV)/.installed-test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[browser]'
	$(BIN)/python -m tests.browser.screenshots screenshots

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

bench: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks.index_speed
	$(BIN)/python -m benchmarks.query_speed

wheel: $(VENV)/.installed-dev
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

# The environment is made again when what it installs changes.
$(VENV)/.installed: pyproject.toml scripts/preflight.sh
	@PYTHON="$(PYTHON)" sh scripts/preflight.sh
	@echo "Making a virtual environment in $(VENV) and installing crispd (a few minutes on a small machine) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

distclean: clean
	rm -rf data
