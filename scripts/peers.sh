#!/bin/sh
# Makes the environment of the libraries that the benchmarks compare with: .venv/apart/peers, from benchmarks/peers.txt.
# Each is installed for itself, so that one that cannot be installed is reported and the others are still there.
set -eu
cd "$(dirname "$0")/.."
venv=${PEERS:-.venv/apart/peers}
pins=benchmarks/peers.txt
uv=.venv/bin/uv

[ -x "$venv/bin/python" ] || .venv/bin/python -m venv "$venv"

links=$("$venv/bin/python" -m pip config list 2>/dev/null | sed -n "s/^[^=]*find-links='\(.*\)'\$/\1/p" | head -n 1)
if [ -n "$links" ]; then
    UV_FIND_LINKS=$(echo "$links" | tr -s ' \n' ',,')
    export UV_FIND_LINKS
else
    export UV_TORCH_BACKEND="${UV_TORCH_BACKEND:-auto}"
fi

install() {
    { [ -x "$uv" ] && VIRTUAL_ENV="$PWD/$venv" "$uv" pip install --quiet --python "$venv/bin/python" "$@"; } ||
        "$venv/bin/python" -m pip install --quiet "$@"
}

missing=
peers=$(sed -n -e '/^# ---/q' -e '/^[^#]/s/ # alone.*/!/' -e '/^[^#]/p' "$pins")
for peer in $peers; do
    case $peer in
    *!) install --no-deps "${peer%!}" || missing="$missing ${peer%!}" ;;
    *) install -c "$pins" "$peer" || missing="$missing $peer" ;;
    esac
done
for peer in $missing; do
    echo "not installed: $peer; the benchmarks will say so in its rows" >&2
done
