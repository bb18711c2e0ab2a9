# Started by ./run, which puts .venv/bin first on PATH.

set positional-arguments

# list the recipes
default:
    @just --list --unsorted

# Always one order and the same examples, so that a red is the change's and not the dice's; `./run test` throws them anew.
# everything that CI runs; stops at the first red
check: format lint types imports (test "--randomly-seed=1" "--hypothesis-seed=1")

# is every file formatted?
format:
    @ruff format --check

# format, and mend what the linter can mend by itself
fix:
    @ruff check --fix-only
    @ruff format

# the linter
lint:
    @ruff check

# mypy, strict
types:
    @mypy

# the floors of the house: which room may import which
imports:
    @lint-imports --no-logo

# the tests, for two cores; `./run test -n 0 tests/test_floors.py` for a few
# Three processes: one of them is often waiting, for a reader's fifteen seconds or for who was killed to come back.
[no-exit-message]
test *args:
    @exec pytest -n 3 --dist loadgroup -m "not bench" "$@"

# the demo newsroom
[no-exit-message]
demo *args:
    @exec tearsheet demo "$@"

# the desk of a real newsroom
[no-exit-message]
serve *args:
    @exec tearsheet serve "$@"

# ratios against a reference; alone on the machine
[no-exit-message]
bench *args:
    @exec pytest tests/bench -m bench -p no:randomly -n 0 -s "$@"

# kill the real processes 200 times under 64 readers; `./run faults 20` for fewer
[no-exit-message]
faults rounds="200" *args:
    @shift || true; FAULT_ROUNDS={{rounds}} exec pytest tests/faults -m faults -p no:randomly -n 0 -s "$@"

# analysts' hostile statements, all bombs too, each in a real worker
[no-exit-message]
hostile *args:
    @HOSTILE=all exec pytest tests/sql -p no:randomly -n 0 "$@"

# fetch the charts bundle and the fonts again
frontend:
    @python -m dashboards.vendor && exec python -m dashboards.editor

# make the tracker small again
tracker:
    @exec python -m analytics.collect.tracker

# take the pictures of README and docs/screens.md anew, of a demo that runs
pictures url="http://127.0.0.1:8622":
    @python -m tests.browser.pictures {{url}}

# write the pages of docs/ that follow from definitions
docs:
    @python -c "from pathlib import Path; from analytics.handbook import write; from dashboards.main import app; write(Path('docs'), app)"
