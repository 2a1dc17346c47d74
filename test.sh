#!/usr/bin/env bash
# Runs every check and every test, setting up what they need: format, vet, staticcheck, known vulnerabilities, the rooms, all packages,
# every fuzz target for ten seconds, conformance/ with the real runtimes, and pipelines/beam/ with Apache Beam. Needs Go; Python, Java, Node.js
# and git are used by conformance/, which installs pinned versions into a cache outside of the tree (TREEPORT_CACHE, else the user's cache folder).
# TREEPORT_CORPUS may name a folder laid out like testdata/, whose files are then tested too.
set -euo pipefail
STATICCHECK=v0.8.2
GOVULNCHECK=v1.9.0
cd "$(dirname "$0")"

echo "== format"
unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
  echo "gofmt would change: $unformatted"
  exit 1
fi
for module in . conformance pipelines/beam; do
  echo "== vet and staticcheck: $module"
  (cd "$module" && go vet ./... && go run "honnef.co/go/tools/cmd/staticcheck@$STATICCHECK" ./...)
  echo "== tests: $module"
  (cd "$module" && go test -count=1 -timeout 45m ./...)
done
echo "== tests of verify with the real runtimes"
go vet -tags runtimes ./verify
go test -count=1 -tags runtimes -timeout 30m ./verify
echo "== the store without clouds"
go vet -tags nocloud ./store/...
go test -count=1 -tags nocloud ./store/cloud
echo "== known vulnerabilities"
# Its data come over the network, which a machine may not have: that is said, and no failure.
if ! known=$(go run "golang.org/x/vuln/cmd/govulncheck@$GOVULNCHECK" ./... 2>&1); then
  if [[ "$known" == *"fetching vulnerabilities"* ]]; then
    echo "not checked: the vulnerability data can't be had here"
  else
    echo "$known"
    exit 1
  fi
fi
echo "== fuzzing: each target for ten seconds"
grep -rHo --include='*_test.go' --exclude-dir=conformance '^func Fuzz[A-Za-z0-9_]*' . | sort | while IFS=: read -r file target; do
  target=${target#func }
  echo "-- $(dirname "$file"): $target"
  # In rounds that are counted, not timed: at the end of a time Go's coordinator may report "context deadline exceeded" though nothing
  # was found (golang/go#75804).
  SECONDS=0
  while [ $SECONDS -lt 10 ]; do
    # The seeds are those of the tree, the same everywhere. A find is written below the package's testdata/fuzz/: keep it there.
    (unset TREEPORT_CORPUS
     # Without the clouds' SDKs, which would be built for fuzzing, too.
     go test -tags nocloud "$(dirname "$file")" -run '^$' -fuzz "^$target\$" -fuzztime 20000x -fuzzminimizetime 10x -parallel 2 </dev/null)
  done
done
