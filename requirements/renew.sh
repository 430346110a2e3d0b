#!/bin/sh
# Pins every dependency with its hashes, without the address of any index: $1 is the folder of pip-compile.
set -eu
cd "$(dirname "$0")/.."
bin=$1
run() { "$bin/pip-compile" --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --no-annotate "$@"; }
run --all-extras --output-file requirements/all.txt pyproject.toml requirements/build.in
run --output-file requirements/bench.txt requirements/bench.in
