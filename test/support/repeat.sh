#!/bin/sh
# Runs every test with real processes 20 times, for five minutes at most; the first failure ends it.
set -u
cd "$(dirname "$0")/../.."
rounds=20
limit=300
begun=$(date +%s)
round=0
longest=0
while [ "$round" -lt "$rounds" ]; do
  started=$(date +%s)
  used=$((started - begun))
  # A round that cannot end in time is not begun: cut short, it would leave its children behind.
  if [ "$((used + longest))" -gt "$limit" ]; then
    echo "test:repeat: $round of $rounds rounds passed; another one would not end within $limit s"
    exit 0
  fi
  node_modules/.bin/vitest run --reporter=dot .proc.test.ts || {
    echo "test:repeat: round $((round + 1)) of $rounds failed"
    exit 1
  }
  round=$((round + 1))
  took=$(($(date +%s) - started))
  [ "$took" -le "$longest" ] || longest=$took
  echo "test:repeat: round $round of $rounds passed in $took s"
done
echo "test:repeat: all $rounds rounds passed"
