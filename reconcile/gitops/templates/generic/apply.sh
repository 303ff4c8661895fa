#!/bin/sh
# Plans at the commit that is checked out, compares with what was approved, and applies. Exit code 4: nothing was
# approved, or the plan goes beyond it; now.plan is what somebody has to look at.
#   APPROVED_DIGEST   the digest that was approved, as the comment and the report show it
#   APPROVED_PLAN     the plan file that was approved: then less of it may go on, too
#   APPROVED_BASE     the commit before the change: a signature in approvals/ counts, of whom that commit lets sign
# Check out with history (no shallow clone), so that a job of an older commit is refused.
set -eu

# What a killed run left in doubt is settled first: a plan from before that would be stale. 5: a person has to decide.
reconcile recover || [ $? -eq 5 ]
reconcile plan --refresh changed -o now.plan
set -- --plan now.plan
if [ -n "${APPROVED_DIGEST:-}" ]; then set -- "$@" --approved-digest "$APPROVED_DIGEST"; fi
if [ -n "${APPROVED_PLAN:-}" ]; then set -- "$@" --approved "$APPROVED_PLAN"; fi
if [ -n "${APPROVED_BASE:-}" ]; then set -- "$@" --approval-from file --base "$APPROVED_BASE"; fi
reconcile ci gate "$@"
# exec: a signal of the runner arrives at reconcile itself, which then ends in order.
exec reconcile apply now.plan --yes
