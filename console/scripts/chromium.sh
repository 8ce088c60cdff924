#!/usr/bin/env bash
# The browser of the end-to-end tests: the one that is there, else Debian's. CHROMIUM names another.
set -euo pipefail
browser=${CHROMIUM:-/usr/bin/chromium}
if [ -x "$browser" ]; then exit 0; fi
if [ -n "${CHROMIUM:-}" ] || ! command -v apt-get > /dev/null; then
  echo "The end-to-end tests need Chromium at $browser; CHROMIUM=<path> names it." >&2
  exit 1
fi
echo "Installing Debian's Chromium."
apt-get update -qq || true # An index that is there already may do.
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null
