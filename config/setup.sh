#!/bin/sh
# Makes .venv, installs one requirements file with its hashes, compiles the translations.
#
#     sh config/setup.sh requirements.txt
#
# What is there already is left alone, so that a second run takes no time. Without the
# internet pip installs from a folder of wheels: docs/operations.md.
set -eu
cd "$(dirname "$0")/.."
wanted=$1
python=.venv/bin/python

fail() {
    echo "Ayumi: $*" >&2
    exit 1
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
has_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

# Prints the first Python that can make a virtual environment; failing that, one that could.
find_python() {
    found=
    for name in ${AYUMI_PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3}; do
        new_enough "$name" || continue
        if has_venv "$name"; then
            echo "$name"
            return
        fi
        found=${found:-$name}
    done
    echo "$found"
}

# Debian ships Python without venv: root gets the package, anybody else is told its name.
make_venv() {
    base=$(find_python)
    [ -n "$base" ] || fail "Python 3.11 or newer is needed and was not found (Debian 12 or later: apt-get install python3 python3-venv)."
    if ! has_venv "$base"; then
        package=$("$base" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
            echo "Installing $package ..."
            { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$package"; } >/dev/null ||
                fail "$package could not be installed; install it and run this again."
        fi
        has_venv "$base" || fail "$base lacks venv: apt-get install $package, then run this again."
    fi
    echo "Making .venv with $("$base" --version) ..."
    "$base" -m venv --clear .venv || fail "$base could not make .venv."
}

# A half-made .venv, or one whose Python went away, is made again.
"$python" -m pip --version >/dev/null 2>&1 || make_venv

if ! cmp -s "$wanted" ".venv/$wanted"; then
    echo "Installing $wanted ..."
    "$python" -m pip install -qq --disable-pip-version-check --no-input --require-hashes -r "$wanted" ||
        fail "$wanted could not be installed. Without the internet: docs/operations.md, section \"Offline\"."
    cp "$wanted" ".venv/$wanted"
fi

for catalogue in locale/*/LC_MESSAGES/django.po; do
    compiled=${catalogue%.po}.mo
    [ -e "$catalogue" ] || continue
    [ -e "$compiled" ] && [ ! "$catalogue" -nt "$compiled" ] && continue
    "$python" -m babel.messages.frontend --quiet compile -i "$catalogue" -o "$compiled" ||
        fail "$catalogue could not be compiled."
done
