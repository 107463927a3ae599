# `make demo` shows the main job against the bundled emulator, `make test` passes the tests. Both set up what they need:
# Rust, a C compiler, make and Python 3 are enough.

# The SDK crates say that most of them is unused by any one program (`[hints] mostly-unused`); stable cargo honours that
# only behind this flag. It halves the build. Always the same flags: others would build everything again.
CARGO := RUSTC_BOOTSTRAP=1 cargo -Zprofile-hint-mostly-unused
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),$(CURDIR)/target)
VENV := $(TARGET)/emulator-venv
PYTHON := $(VENV)/bin/python
export AWS_BASELINE_EMULATOR_PYTHON := $(PYTHON)

.PHONY: demo test bench bench-scale lint fmt install emulator clean

demo: emulator
	$(CARGO) build --all-targets
	bash tests/emulator/demo.sh "$(TARGET)/debug/aws-baseline" "$(PYTHON)"

test: emulator
	$(CARGO) test --all-targets
	$(PYTHON) tests/tools/schema_facts.py --check
	$(PYTHON) tests/tools/answers.py --check
	$(PYTHON) -m unittest discover -s tests/emulator

bench:
	$(CARGO) bench --profile dev --bench latency

# Times of code that is not optimised would say nothing, so this builds everything once more, optimised.
bench-scale:
	$(CARGO) bench --bench scale

lint:
	cargo fmt --check
	$(CARGO) clippy --all-targets -- -D warnings

fmt:
	cargo fmt

install:
	cargo install --path . --locked

emulator: $(VENV)/ready

$(VENV)/ready: tests/emulator/requirements.txt
	python3 -m venv "$(VENV)"
	"$(PYTHON)" -m pip install --quiet --disable-pip-version-check -r tests/emulator/requirements.txt
	touch "$@"

clean:
	cargo clean
