# Two commands do everything: `make run` and `make test`.
#
#   make run                        serve the bundled sample album at http://127.0.0.1:8642
#   make run PHOTOS=/srv/photos     serve a folder; several: PHOTOS=/srv/photos:/srv/more
#   make run TEXT=1                 with the models that read text in photos (27 MB); they stay installed
#   make test                       run the tests
#   make test-all                   all of them: the slow ones too, all examples of properties, and every
#                                   process by a new interpreter
#   make browser-test               those of the page, in Chromium (apt install chromium)
#   make check                      tests, linter, types
#   make scripts                    types and lint of the page's scripts (Node; skipped where there is none)
#   make client                     what is made of the client: its synchronous twin, its filters
#   make bench                      the benchmarks, see benchmarks/README.md
#   make deb                        Debian packages for this architecture in dist/, for Debian 13 and 12 (root,
#                                   debootstrap); SUITES=trixie for one of them, TEXT=1 to read text in photos
#   make deb-arm64                  the same for arm64, under emulation, after make arm64
#   make deb-test                   install, run, upgrade, remove and purge it in a clean Debian
#   make deb-test-arm64             the same with the package for arm64, under emulation
#   make systemd-test               the package under a real systemd (root, see docs/systemd.md)
#   make arm64                      prove crispd on arm64 under emulation (root, see docs/arm64.md)
#   make container                  build the Dockerfile without Docker (root, see docs/container.md)
#   make lock, sbom, audit          locked dependencies, their list, their known weaknesses
#   make clean                      remove the environment; make distclean: and the sample's data

PYTHON ?= python3
VENV ?= .venv
# Files of tests that run side by side, one more than there are cores: many wait for a process. Each
# takes about 700 MB, with the service that it may start.
WORKERS ?= 3
# The order stays: files of few long tests come in the middle, and none is waited for at the end.
PYTEST = $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder
# Its plugin is imported for seconds by each of them, and only slow tests use it.
NOT_SLOW = -p no:schemathesis
BIN := $(VENV)/bin
# Whatever the environment says: without it every worker compiles all tests anew, for ten seconds.
test test-all check browser-test: export PYTHONDONTWRITEBYTECODE :=
# Once more as macOS would run it: what Linux has alone is an error there, outside of its own modules.
TYPES = $(BIN)/mypy && $(BIN)/mypy --platform darwin --cache-dir .mypy_cache/darwin --exclude platform/linux crispd

# A recipe that fails has said why, in a sentence, last. make would put "*** [Makefile:50: run] Error 2"
# below it, and has no switch against that; of a broken pipe it dies without a word, and not with 0.
OR_END = || { kill -s PIPE $$PPID; exit 1; }

# make run keeps its data in data/ unless CRISPD_DATA_DIR or the settings file says otherwise: one folder
# to remove. The environment is told, so that every crispd in it finds them (crispd/default_data_dir.py).
ifdef PHOTOS
run: export CRISPD_FOLDERS := $(PHOTOS)
else
run: export CRISPD_FOLDERS ?= $(CURDIR)/crispd/sample_album
endif

.PHONY: run browser-test screenshots test test-all check client lint scripts types bench wheel clean distclean
# Roots, wheels and images are kept here.
BUILD ?= build

.PHONY: deb deb-arm64 deb-test deb-test-arm64 systemd-test arm64 container lock sbom audit

run: $(VENV)/.installed $(if $(TEXT),$(VENV)/.installed-text)
	@printf '%s\n' "$${CRISPD_DATA_DIR:-$(CURDIR)/data}" >$(VENV)/crispd-data-dir
	@$(BIN)/crispd serve $(OR_END)

test: $(VENV)/.installed-test
	@sh scripts/preflight.sh test
	$(PYTEST) $(NOT_SLOW)

test-all: $(VENV)/.installed-test
	@sh scripts/preflight.sh test
	CRISPD_TEST_FRESH=1 $(PYTEST) --hypothesis-profile=all -m "not data and not browser"

# Its browser is the system's: no other one is downloaded.
browser-test: $(VENV)/.installed-test
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
		{ echo "There is no Chromium: apt install chromium"; exit 1; }
	@sh scripts/install.sh $(VENV) requirements-browser.lock $(OR_END)
	$(BIN)/python -m pytest -m "browser and not slow" tests/browser

# Of the sample album, at the sizes of a phone, a tablet and a desk, into screenshots/.
screenshots: $(VENV)/.installed-test
	@sh scripts/install.sh $(VENV) requirements-browser.lock $(OR_END)
	$(BIN)/python -m tests.browser.screenshots screenshots

check: scripts $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(TYPES)
	$(PYTEST) $(NOT_SLOW)

client: $(VENV)/.installed-dev
	$(BIN)/python scripts/sync_client.py
	$(BIN)/python scripts/filter_options.py
	$(BIN)/ruff format crispd/client/sync_client.py crispd/client/filter_options.py

lint: scripts $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# TypeScript and eslint look at the page's scripts, and change nothing: crispd is installed without them.
scripts:
	@if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund && npm run --silent check; \
	else echo "The page's scripts were not checked: there is no npm (apt install npm)."; fi

types: $(VENV)/.installed-dev
	$(TYPES)

bench: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks.indexing.index_speed
	$(BIN)/python -m benchmarks.searching.query_speed

wheel: $(VENV)/.installed-dev
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

# Of Debian, the newest first: packages are made and tried for each.
SUITES ?= trixie bookworm
deb:
	for suite in $(SUITES); do SUITE=$$suite sh scripts/debian/in_root.sh $(BUILD)/deb-root-$$suite "" || exit 1; done

deb-arm64:
	sh scripts/debian/in_root.sh $(BUILD)/arm64/root $(BUILD)/arm64/wheels

# Of this version; dist may hold others.
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' crispd/__init__.py)
RELEASES = $(patsubst bookworm,deb12,$(patsubst trixie,deb13,$(SUITES)))
NEWEST = dist/crispd_$(VERSION)+$(firstword $(RELEASES))_
ARCH = $(shell dpkg --print-architecture)

deb-test:
	for release in $(RELEASES); do \
		sh scripts/debian/test.sh dist/crispd_$(VERSION)+$${release}_$(ARCH).deb $(BUILD)/deb-test-$$release || exit 1; done

deb-test-arm64:
	sh scripts/debian/test.sh $(NEWEST)arm64.deb $(BUILD)/deb-test-arm64

# In a container of systemd-nspawn; HOW=qemu: in a virtual machine, slowly, with control groups of version 2.
systemd-test:
	sh scripts/systemd/prove.sh $(NEWEST)$(ARCH).deb $(BUILD)/systemd

arm64: $(VENV)/.installed
	PYTHON=$(CURDIR)/$(BIN)/python sh scripts/arm64/prove.sh $(BUILD)/arm64

container:
	sh scripts/container/build.sh $(BUILD)/container

# Versions that are locked stay as they are; UPGRADE=--upgrade takes the newest.
UV_COMPILE = $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-header $(UPGRADE)
lock: $(VENV)/.installed-dev
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV_COMPILE) pyproject.toml --output-file requirements.lock
	$(UV_COMPILE) requirements-build.in --constraint requirements.lock --output-file requirements-build.lock
	$(UV_COMPILE) --no-deps requirements-text.in --output-file requirements-text.lock
	for extra in test browser dev; do $(UV_COMPILE) pyproject.toml --extra $$extra \
		--constraint requirements.lock --output-file requirements-$$extra.lock || exit 1; done

# Tools of their own environment: what they bring is not what is listed.
$(VENV)-tools/.installed:
	$(PYTHON) -m venv $(VENV)-tools
	$(VENV)-tools/bin/pip install --quiet --disable-pip-version-check cyclonedx-bom pip-audit
	@touch $@

sbom: $(VENV)-tools/.installed
	@mkdir -p dist
	$(VENV)-tools/bin/cyclonedx-py requirements requirements.lock --output-reproducible --output-file dist/crispd.cdx.json

audit: $(VENV)-tools/.installed
	@sh scripts/audit.sh $(VENV)-tools/bin/pip-audit

# The environment is made again when what it installs changes.
$(VENV)/.installed: pyproject.toml requirements.lock requirements-build.lock scripts/install.sh scripts/preflight.sh
	@PYTHON="$(PYTHON)" sh scripts/preflight.sh $(OR_END)
	@echo "Making a virtual environment in $(VENV) and installing crispd (a few minutes on a small machine) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@sh scripts/install.sh $(VENV) requirements.lock $(OR_END)
	@touch $@

$(VENV)/.installed-text: $(VENV)/.installed requirements-text.lock
	@sh scripts/install.sh $(VENV) requirements-text.lock $(OR_END)
	@touch $@

$(VENV)/.installed-test: $(VENV)/.installed-text requirements-test.lock
	@sh scripts/install.sh $(VENV) requirements-test.lock $(OR_END)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed-test requirements-dev.lock
	@sh scripts/install.sh $(VENV) requirements-dev.lock $(OR_END)
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-tools node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

distclean: clean
	rm -rf data
