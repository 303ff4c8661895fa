#!/bin/sh
# The plan of a change: fleet.plan, plan.json, report.html and comment.md. Changes nothing.
#   RECONCILE_REFRESH   changed (default) asks the clouds; none plans from recorded state, without keys
#   RECONCILE_BASE      commit of the branch it goes to: policies, accounts and the place of state are read there, so
#                       that a change cannot loosen them for itself
#   RECONCILE_POST_TO   OWNER/NAME#NUMBER: put the comment on that pull request; needs the token of its host
set -eu

host=__HOST__
reconcile validate
set -- --refresh "${RECONCILE_REFRESH:-changed}" -o fleet.plan --format json=plan.json --format html=report.html
if [ -n "${RECONCILE_BASE:-}" ]; then set -- "$@" --policy-from "$RECONCILE_BASE"; fi
reconcile plan "$@"
if [ -n "${RECONCILE_POST_TO:-}" ]; then
  reconcile ci comment --plan fleet.plan --host "$host" --post-to "$RECONCILE_POST_TO" --out comment.md
else
  reconcile ci comment --plan fleet.plan --host "$host" --out comment.md
fi
