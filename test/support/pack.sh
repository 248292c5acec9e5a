#!/bin/sh
# Builds dist/ and packs it: prints the tarball's name. An argument names the folder that gets the tarball.
set -eu
cd "$(dirname "$0")/../.."
rm -rf dist
node_modules/.bin/tsc --project tsconfig.build.json
npm pack --silent --pack-destination "${1:-.}"
