#!/bin/sh
# See to it that the browser tests find a Chromium: Debian's, installed when we are root.
set -eu
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests ..."
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
echo "Note: no Chromium found, and it cannot be installed from here. The browser tests will be skipped."
echo "      To run them too: apt-get install chromium (as root), then make test."
