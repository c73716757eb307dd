#!/bin/sh
# Makes .venv, installs one requirements file with its hashes, compiles the translations, and
# fetches the fonts of PDFs once where it can.
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

# The fonts that PDFs are set in: Debian packages where root can install them, an npm package
# elsewhere. Tried once for a .venv, and never a reason to stop: without them pages print from the
# browser. docs/operations.md, section 10.
fonts="fonts-morisawa-bizud-gothic fonts-morisawa-bizud-mincho fonts-ipamj-mincho fonts-symbola"
npm_fonts=expo-google-fonts-biz-udpgothic-0.4.2.tgz
npm_sha256=25b7863372a51cbed767be911076ebdaeaae9a687bcb57e052286f43416d9ea3

has_fonts() {
    for place in "${FONTS_DIR:-var/fonts}" /usr/share/fonts /usr/local/share/fonts; do
        [ -d "$place" ] || continue
        [ -z "$(find "$place" -name 'BIZUDPGothic*Bold.ttf' -print -quit)" ] || return 0
    done
    return 1
}

get_fonts() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        export DEBIAN_FRONTEND=noninteractive
        timeout 60 apt-get -qq update &&
            timeout 180 apt-get -qq install -y --no-install-recommends $fonts
    elif ! has_fonts && command -v npm >/dev/null; then
        mkdir -p var/fonts && cd var/fonts &&
            timeout 120 npm pack --silent @expo-google-fonts/biz-udpgothic@0.4.2 &&
            echo "$npm_sha256  $npm_fonts" | sha256sum -c && tar -xzf "$npm_fonts"
        rm -f "$npm_fonts"
    fi
}

# A half-made .venv, or one whose Python went away, is made again.
"$python" -m pip --version >/dev/null 2>&1 || make_venv

if [ ! -e .venv/fonts-tried ]; then
    echo "Fetching the fonts of PDFs ..."
    (get_fonts) >/dev/null 2>&1 &
fi

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

# The fonts arrived while the packages did; a job that failed is no failure of ours.
wait || true
touch .venv/fonts-tried
has_fonts || echo "Ayumi: PDFs need a font that is missing: apt-get install $fonts (or docs/operations.md, section 10)."
