#!/bin/sh
# Makes the virtual environment and installs one set of extras into it.
#   scripts/environment.sh EXTRA      EXTRA: train | test
# Works on a machine that has only a CPython 3.11-3.13. A local torch named by pip's find-links is taken
# where there is one; elsewhere uv picks the build for this machine, so no CUDA without an NVIDIA card.
set -eu
cd "$(dirname "$0")/.."
extra=${1:?usage: scripts/environment.sh train|test}
venv=${VENV:-.venv}

pick_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3 /usr/bin/python3.11 /usr/bin/python3; do
        if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    echo "swither needs CPython 3.11, 3.12 or 3.13 with its venv module; none was found." >&2
    echo "Install one (Debian: apt-get install python3-venv), or name it: make PYTHON=/path/to/python3 ..." >&2
    exit 1
}

if [ ! -x "$venv/bin/python" ]; then
    python=$(pick_python)
    echo "Making $venv with $("$python" --version)"
    "$python" -m venv "$venv"
fi

links=$("$venv/bin/python" -m pip config list 2>/dev/null | sed -n "s/^[^=]*find-links='\(.*\)'\$/\1/p" | head -n 1)
if [ -n "$links" ]; then
    UV_FIND_LINKS=$(echo "$links" | tr -s ' \n' ',,')
    export UV_FIND_LINKS
else
    export UV_TORCH_BACKEND="${UV_TORCH_BACKEND:-auto}"
fi
if ! { "$venv/bin/python" -m pip install --quiet -c constraints.txt uv &&
    VIRTUAL_ENV="$PWD/$venv" "$venv/bin/uv" pip install --python "$venv/bin/python" -c constraints.txt -e ".[$extra]"; }; then
    echo "uv did not manage; trying pip." >&2
    "$venv/bin/python" -m pip install -c constraints.txt -e ".[$extra]"
fi

# timm needs torchvision. A build of it that does not fit torch's breaks every library that looks for it, so the tests
# have the two in a folder of their own, which only they put on the path.
if [ "$extra" = test ]; then
    "$venv/bin/python" -m pip install --quiet --no-deps --upgrade -c constraints.txt --target "$venv/apart/timm" timm torchvision
fi
