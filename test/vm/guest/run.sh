#!/bin/sh
# Runs the guest tests whose paths hold $1, with further arguments for vitest, and says what came of them behind `@results`.
report=$(mktemp)
node node_modules/vitest/vitest.mjs run --config vitest.guest.config.ts \
  --reporter verbose --reporter json --outputFile.json "$report" "$@"
[ ! -s "$report" ] || { printf '@results '; tr -d '\n' <"$report"; echo; }
