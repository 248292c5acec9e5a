#!/bin/sh
# Runs the guest tests whose paths hold $1, with further arguments for vitest, and says what came of them behind `@results`.
export CI=1 NO_COLOR=1
report=$(mktemp)
node node_modules/vitest/vitest.mjs run --config vitest.guest.config.ts \
  --reporter verbose --reporter json --outputFile.json "$report" "$@"
[ ! -s "$report" ] || { printf '\n@results '; tr -d '\n' <"$report"; echo; }
