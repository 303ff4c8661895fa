#!/bin/sh
# Installs reconcile at one commit, and what it needs pinned by hash, into .reconcile/program; prints where.
# Needs git and Python 3.11 or newer. In a job: PATH="$(sh ci/install.sh):$PATH"
#   RECONCILE_POSTGRES  true: also what state in PostgreSQL needs
set -eu

url=__SOURCE_URL__
commit=__SOURCE_COMMIT__
into="$PWD/.reconcile/program/$commit"

if [ ! -x "$into/bin/reconcile" ]; then
  source="$into.source"
  rm -rf "$into" "$source"
  mkdir -p "$source"
  git -C "$source" init --quiet
  git -C "$source" fetch --quiet --depth 1 "$url" "$commit"
  git -C "$source" checkout --quiet --detach FETCH_HEAD
  found=$(git -C "$source" rev-parse HEAD)
  if [ "$found" != "$commit" ]; then
    echo "ci/install.sh: $url gave commit $found, expected $commit" >&2
    exit 1
  fi
  "${PYTHON:-python3}" -m venv "$into"
  "$into/bin/python" -m pip install --quiet --require-hashes -r "$source/requirements.lock" >&2
  if [ "${RECONCILE_POSTGRES:-}" = true ]; then
    "$into/bin/python" -m pip install --quiet --require-hashes -r "$source/requirements-postgres.lock" >&2
  fi
  "$into/bin/python" -m pip install --quiet --no-deps --no-build-isolation "$source" >&2
  rm -rf "$source"
fi
printf '%s\n' "$into/bin"
