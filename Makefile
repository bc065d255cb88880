# make bench: sets everything up and runs the main job. make test: sets everything up and passes the tests.
PYTHON ?= python3
HARNESS := .venv/harness
WORKER := .venv/worker
DOCS := .venv/docs
PIP := bin/python -m pip --quiet --disable-pip-version-check install --no-deps --no-compile --only-binary :all:
COMPILE := bin/python -m compileall -q -j 2

.PHONY: bench host test test-slow check docs kaggle-1.6 setup lock clean
.DELETE_ON_ERROR:

bench: setup
	$(HARNESS)/bin/python run_bench.py run cots

# Opens the example competition, makes two teams, and lets the official kaggle client take part.
host: setup
	$(HARNESS)/bin/python -m bench.competition_demo

test: setup
	$(HARNESS)/bin/python -m pytest

# Trainings, browsers and other tests of more than about five seconds each.
test-slow: setup
	$(HARNESS)/bin/python -m pytest -m slow

check: setup
	$(HARNESS)/bin/ruff check .
	$(HARNESS)/bin/ruff format --check .
	$(HARNESS)/bin/mypy

# The documentation as a site, in site/. A broken link or a page outside the navigation is an error.
# The variable silences the theme's announcement of another product.
docs: $(HARNESS)/.ready $(DOCS)/.ready
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --quiet

# Ray, for evaluations on other machines: an extra, added to the harness's environment.
ray: $(HARNESS)/.ready
	@$(HARNESS)/$(PIP) -r requirements/ray.lock

# The official client's last version with the older wire, for the tests that let both take part.
kaggle-1.6:
	@$(PYTHON) -m venv --clear .venv/kaggle-1.6
	@.venv/kaggle-1.6/bin/python -m pip --quiet --disable-pip-version-check install --no-deps -r requirements/kaggle-1.6.lock

setup:
	@$(MAKE) --no-print-directory -j2 $(HARNESS)/.ready $(WORKER)/.ready

$(HARNESS)/.ready: requirements/harness.lock
	@echo "installing the harness's environment"
	@$(PYTHON) -m venv --clear $(HARNESS)
	@$(HARNESS)/$(PIP) -r requirements/harness.lock
	@$(HARNESS)/$(COMPILE) $(HARNESS)/lib >/dev/null 2>&1 || true
	@touch $@

# Compiled at once: the sandbox sees this environment read-only and could never cache bytecode.
$(WORKER)/.ready: requirements/worker.lock
	@echo "installing the worker's environment, in which contestants run"
	@$(PYTHON) -m venv --clear $(WORKER)
	@$(WORKER)/$(PIP) -r requirements/worker.lock
	@$(WORKER)/$(COMPILE) $(WORKER)/lib >/dev/null 2>&1 || true
	@touch $@

$(DOCS)/.ready: requirements/docs.lock
	@echo "installing the environment that builds the documentation"
	@$(PYTHON) -m venv --clear $(DOCS)
	@$(DOCS)/$(PIP) -r requirements/docs.lock
	@touch $@

# Resolves all lock files anew for Python 3.11 and later; needs `uv`.
UV_LOCK := uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes \
	--custom-compile-command "make lock"
lock:
	$(UV_LOCK) --extra dev --extra loadgen pyproject.toml -o requirements/harness.lock
	$(UV_LOCK) requirements/worker.in -o requirements/worker.lock
	$(UV_LOCK) requirements/kaggle-1.6.in -o requirements/kaggle-1.6.lock
	$(UV_LOCK) requirements/docs.in -o requirements/docs.lock
	$(UV_LOCK) requirements/ray.in -c requirements/harness.lock -o requirements/ray.lock

clean:
	rm -rf .venv .photofinish site
