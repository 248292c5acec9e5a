#!/bin/sh
# Runs the guest tests whose paths match $1 and leaves their report in $OUT.
exec node node_modules/vitest/vitest.mjs run --config vitest.guest.config.ts \
  --reporter verbose --reporter json --outputFile.json "$OUT/results.json" "$1"
