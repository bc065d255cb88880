# make bench: sets everything up and runs the main job. make test: sets everything up and passes the tests.
PYTHON ?= python3
HARNESS := .venv/harness
ENVIRONMENTS := $(HARNESS)/bin/python run_bench.py environments
DOCS := .venv/docs
PIP := bin/python -m pip --quiet --disable-pip-version-check
INSTALL := $(PIP) install --no-deps --no-compile --only-binary :all:
UNPACK := bin/uv pip install --quiet --offline --no-config --no-index --no-deps --link-mode hardlink \
	--python $(HARNESS)/bin/python
COMPILE := bin/python -m compileall -q -j 2 -x '/tests?/'

.PHONY: bench host test test-slow check docs ray kaggle-1.6 setup environments lock clean
.DELETE_ON_ERROR:

# A first board of the reference, whose run calibrates the machine; then the board of all three.
bench: setup
	$(HARNESS)/bin/python run_bench.py run cots blob
	$(HARNESS)/bin/python run_bench.py run cots cnn cnn_tracked

# Opens the example competition, makes two teams, and lets the official kaggle client take part.
host: setup
	$(HARNESS)/bin/python -m bench.competition_demo

test: setup environments
	$(HARNESS)/bin/python -m pytest

# Trainings, browsers and other tests of more than about five seconds each.
test-slow: setup environments
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
	@$(HARNESS)/$(INSTALL) -r requirements/ray.lock

# The official client's last version with the older wire, for the tests that let both take part.
kaggle-1.6:
	@$(PYTHON) -m venv --clear .venv/kaggle-1.6
	@.venv/kaggle-1.6/bin/python -m pip --quiet --disable-pip-version-check install --no-deps -r requirements/kaggle-1.6.lock

# The harness's environment, and the smallest of those that submissions run in; the others are made on first use.
setup: $(HARNESS)/.ready
	@$(ENVIRONMENTS) lite >/dev/null

# The others that the tests use. Where there is no wheel of PyTorch for this machine, its tests are skipped.
environments: setup
	@$(ENVIRONMENTS) tensorflow tabular jax >/dev/null
	-@$(ENVIRONMENTS) torch >/dev/null

# pip fetches, in two halves at once, since it knows this machine's sources of packages; uv unpacks, several times
# as fast.
$(HARNESS)/.ready: requirements/harness.lock
	@echo "installing the harness's environment"
	@$(PYTHON) -m venv --clear $(HARNESS)
	@$(HARNESS)/$(INSTALL) "$$(grep -o '^uv==[0-9.]*' $<)"
	@awk '/^[a-z]/ { half = 1 - half } { print > ("$(HARNESS)/half-" half + 0) }' $<
	@ls $(HARNESS)/half-* | xargs -n 1 -P 2 \
		$(HARNESS)/$(PIP) download --no-deps --only-binary :all: --dest $(HARNESS)/wheels -r
	@$(HARNESS)/$(UNPACK) --cache-dir $(HARNESS)/unpacked --find-links $(HARNESS)/wheels -r $<
	@rm -rf $(HARNESS)/wheels $(HARNESS)/unpacked $(HARNESS)/half-*
	@$(HARNESS)/$(COMPILE) $(HARNESS)/lib >/dev/null 2>&1 || true
	@touch $@

$(DOCS)/.ready: requirements/docs.lock
	@echo "installing the environment that builds the documentation"
	@$(PYTHON) -m venv --clear $(DOCS)
	@$(DOCS)/$(INSTALL) -r requirements/docs.lock
	@touch $@

# Resolves all lock files anew for Python 3.11 and later; needs `uv`. TORCH is where wheels of PyTorch for the CPU lie.
UV_LOCK := uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --generate-hashes \
	--custom-compile-command "make lock"
TORCH := https://download.pytorch.org/whl/cpu/torch/
lock:
	$(UV_LOCK) --extra dev --extra loadgen pyproject.toml -o requirements/harness.lock
	$(UV_LOCK) requirements/tensorflow.in -o requirements/tensorflow.lock
	for name in lite tabular jax; do \
		$(UV_LOCK) requirements/$$name.in -c requirements/tensorflow.lock -o requirements/$$name.lock || exit; \
	done
	$(UV_LOCK) --find-links $(TORCH) --no-emit-find-links requirements/torch.in -c requirements/tensorflow.lock \
		-o requirements/torch.lock
	$(UV_LOCK) requirements/kaggle-1.6.in -o requirements/kaggle-1.6.lock
	$(UV_LOCK) requirements/docs.in -o requirements/docs.lock
	$(UV_LOCK) requirements/ray.in -c requirements/harness.lock -o requirements/ray.lock

clean:
	rm -rf .venv .photofinish site
