#!/usr/bin/env bash
# Starts the desktop build in a real window on a display of its own, signs in through a local server, has a second
# person write, and checks that the window is drawn and that a real notification daemon shows the bubble.
#
#   build/e2e/window-smoke.sh [FOLDER]     pictures and logs go to FOLDER (default: a temporary one)
#
# Needs xvfb openbox xfce4-notifyd adwaita-icon-theme imagemagick xdotool dbus-daemon curl (`build/setup window`
# installs them), and node.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

fail() { echo "window-smoke: $*" >&2; exit 1; }

# until_true SECONDS WHAT COMMAND…: polls, and fails saying what did not come.
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "$what did not come"
    sleep 0.1
  done
}

if [ -z "${RECADO_SMOKE_INSIDE:-}" ]; then
  for tool in Xvfb openbox import xdotool dbus-run-session curl node; do
    command -v "$tool" >/dev/null || fail "$tool is not installed"
  done
  out=${1:-$(mktemp -d)}
  mkdir -p "$out"
  out=$(cd "$out" && pwd)
  if [ -z "${RECADO_SMOKE_PROGRAM:-}" ]; then
    make -s -C "$root" desktop
    RECADO_SMOKE_PROGRAM=$root/build/bin/recado-desktop
  fi
  home=$(mktemp -d)
  # The display number is chosen by the server itself and written to descriptor 3.
  Xvfb -displayfd 3 -screen 0 1440x900x24 -nolisten tcp 3>"$home/display" 2>"$out/xvfb.log" &
  xvfb=$!
  trap 'kill $xvfb 2>/dev/null || true; wait $xvfb 2>/dev/null || true; rm -rf "$home"' EXIT
  until_true 30 "the display" test -s "$home/display"
  export DISPLAY=":$(cat "$home/display")" HOME=$home XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache
  export XDG_DATA_HOME=$home/data RECADO_SMOKE_INSIDE=1 RECADO_SMOKE_PROGRAM OUT=$out NO_AT_BRIDGE=1
  mkdir -p "$XDG_CONFIG_HOME"
  dbus-run-session -- bash "$0"
  exit
fi

program=$RECADO_SMOKE_PROGRAM
pids=()
stop() { for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done; for p in "${pids[@]}"; do wait "$p" 2>/dev/null || true; done; }
trap stop EXIT

openbox >"$OUT/openbox.log" 2>&1 & pids+=($!)
notifyd=$(ls /usr/lib/*/xfce4/notifyd/xfce4-notifyd | head -1)
"$notifyd" >"$OUT/notifyd.log" 2>&1 & pids+=($!)

# A server with two people. The variables of this script are no settings of the program's.
unset RECADO_SMOKE_INSIDE RECADO_SMOKE_PROGRAM
data=$HOME/server
printf 'a long enough password\n' >"$HOME/password"
"$program" serve --data "$data" --listen 127.0.0.1:0 >"$OUT/server.out" 2>"$OUT/server.log" & pids+=($!)
until_true 60 "the server" grep -q serving "$OUT/server.out"
server=$(sed -n 's/^recado: serving //p' "$OUT/server.out")
for who in ana luis; do
  "$program" user add --data "$data" --email "$who@example.test" --name "${who^}" --password-file "$HOME/password"
done

json() { node -p "JSON.parse(require('node:fs').readFileSync(0, 'utf8'))$1"; }
call() { curl -sS --fail-with-body -H 'Content-Type: application/json' "$@"; }
sign_in() { call "$server/api/v1/sessions" -d "{\"email\":\"$1@example.test\",\"password\":\"a long enough password\",\"device\":\"smoke\"}"; }
luis=$(sign_in luis | json '["token"]')
ana=$(sign_in ana | json '["person"]["id"]')

# Ana signs in through the app without a window; the window then opens on the same profile.
"$program" browser --no-open >"$OUT/browser.out" 2>"$OUT/browser.log" & browser=$!
until_true 60 "the app in the browser" grep -q open "$OUT/browser.out"
first=$(sed -n 's/^recado: open //p' "$OUT/browser.out")
curl -sS -o /dev/null -c "$HOME/jar" "$first"
call -b "$HOME/jar" "${first%%/\?*}/rpc/Session/Connect" -d "[\"$server\",\"ana@example.test\",\"a long enough password\"]" >/dev/null
kill "$browser"; wait "$browser"

started=$(date +%s%N)
"$program" >"$OUT/app.out" 2>"$OUT/app.log" & app=$!
pids+=("$app")
until_true 60 "the window" xdotool search --onlyvisible --name '^Recado$'
echo "window-smoke: window after $((($(date +%s%N) - started) / 1000000)) ms"
window=$(xdotool search --onlyvisible --name '^Recado$' | head -1)
drawn() { # a drawn page has many colours; an empty one has one or two
  import -window "$window" "$OUT/window.png"
  [ "$(identify -format %k "$OUT/window.png")" -gt 50 ]
}
until_true 60 "the drawn page" drawn

# Another window takes the focus, so that the app is not being looked at.
xdotool windowminimize "$window"
call -H "Authorization: Bearer $luis" "$server/api/v1/conversations" \
  -d "{\"key\":\"smoke-1\",\"kind\":\"internal\",\"participants\":[\"$ana\"],\"subject\":\"Lunch\",\"message\":{\"body\":\"Shall we eat <b>early</b> & well?\"}}" >/dev/null
until_true 60 "the bubble" xdotool search --onlyvisible --class xfce4-notifyd
bubble=$(xdotool search --onlyvisible --class xfce4-notifyd | head -1)
shown() { import -window root "$OUT/bubble.png" && [ "$(identify -format %k "$OUT/bubble.png")" -gt 20 ]; }
until_true 30 "the drawn bubble" shown

# A second app on the same profile says so, and the window ends cleanly on SIGTERM.
if "$program" 2>"$OUT/second.log"; then fail "a second app on the same profile started"; fi
grep -q 'open in another app' "$OUT/second.log" || fail "the second app does not say why it ends"
kill -TERM "$app"
ended() { ! kill -0 "$app"; }
until_true 30 "the end after SIGTERM" ended
wait "$app" || fail "the app ended with $?"
echo "window-smoke: passed; pictures in $OUT (bubble window $bubble)"
