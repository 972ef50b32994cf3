#!/bin/sh
# See to it that the tests find the programs that they use as people and companies do: a Chromium, a Prometheus and an
# Alertmanager. Debian's are installed when we are root.
set -eu
find_one() { # package, what it is for, names
    package=$1 purpose=$2
    shift 2
    for name in "$@"; do
        command -v "$name" >/dev/null && return 0
    done
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $package for $purpose ..."
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null && return 0
    fi
    echo "Note: no $package found, and it cannot be installed from here. $purpose will be skipped."
    echo "      To run them too: apt-get install $package (as root), then make test."
}
find_one chromium "The browser tests" chromium chromium-browser google-chrome
find_one prometheus "The tests of a real Prometheus" prometheus
find_one prometheus-alertmanager "The tests of a real Alertmanager" prometheus-alertmanager alertmanager
