# A display of its own with a window manager and a notification daemon, and a server with two people: what the checks of
# the real window have in common. To be sourced by them; $0 runs twice, outside and inside the session.
#
# Outside it makes OUT (pictures and logs; the first argument, or a temporary folder), the display and a home, and runs $0
# again in a session bus. Inside it gives $program, $server, $luis (a token), $ana (an id), and what follows.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
name=$(basename "$0" .sh)

fail() {
  echo "$name: $*" >&2
  [ -z "${OUT:-}" ] || import -window root "$OUT/failed.png" || true
  exit 1
}

# until_true SECONDS WHAT COMMAND…: polls, and fails saying what did not come.
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || fail "$what did not come"
    sleep 0.1
  done
}

if [ -z "${RECADO_STAGE_INSIDE:-}" ]; then
  for tool in Xvfb openbox import xdotool dbus-run-session curl node ${stage_tools:-}; do
    command -v "$tool" >/dev/null || fail "$tool is not installed"
  done
  out=${1:-$(mktemp -d)}
  mkdir -p "$out"
  out=$(cd "$out" && pwd)
  if [ -z "${RECADO_STAGE_PROGRAM:-}" ]; then
    make -s -C "$root" desktop
    RECADO_STAGE_PROGRAM=$root/build/bin/recado-desktop
  fi
  home=$(mktemp -d)
  # The display number is chosen by the server itself and written to descriptor 3.
  Xvfb -displayfd 3 -screen 0 1440x900x24 -nolisten tcp 3>"$home/display" 2>"$out/xvfb.log" &
  xvfb=$!
  trap 'kill $xvfb 2>/dev/null || true; wait $xvfb 2>/dev/null || true; rm -rf "$home"' EXIT
  until_true 30 "the display" test -s "$home/display"
  export DISPLAY=":$(cat "$home/display")" HOME=$home XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache
  export XDG_DATA_HOME=$home/data RECADO_STAGE_INSIDE=1 RECADO_STAGE_PROGRAM OUT=$out NO_AT_BRIDGE=1
  mkdir -p "$XDG_CONFIG_HOME"
  dbus-run-session -- bash "$0"
  exit
fi

program=$RECADO_STAGE_PROGRAM
unset RECADO_STAGE_INSIDE RECADO_STAGE_PROGRAM # no settings of the program's
pids=()
stop() { for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done; for p in "${pids[@]}"; do wait "$p" 2>/dev/null || true; done; }
trap stop EXIT

openbox >"$OUT/openbox.log" 2>&1 & pids+=($!)
notifyd=$(ls /usr/lib/*/xfce4/notifyd/xfce4-notifyd | head -1)
"$notifyd" >"$OUT/notifyd.log" 2>&1 & pids+=($!)

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

# as_luis METHOD PATH JSON: what the other person does.
as_luis() { call -X "$1" -H "Authorization: Bearer $luis" "$server/api/v1$2" -d "$3"; }
# write_to_ana KEY SUBJECT BODY [MENTIONS]: a new conversation; prints its id.
write_to_ana() {
  as_luis POST /conversations "{\"key\":\"$1\",\"kind\":\"internal\",\"participants\":[\"$ana\"],\"subject\":\"$2\",\"message\":{\"body\":\"$3\",\"mentions\":[${4:-}]}}" | json '["id"]'
}

# sign_in_ana: in the app without a window; the window then opens on the same profile.
sign_in_ana() {
  local browser first
  "$program" browser --no-open >"$OUT/browser.out" 2>"$OUT/browser.log" & browser=$!
  until_true 60 "the app in the browser" grep -q open "$OUT/browser.out"
  first=$(sed -n 's/^recado: open //p' "$OUT/browser.out")
  curl -sS -o /dev/null -c "$HOME/jar" "$first"
  call -b "$HOME/jar" "${first%%/\?*}/rpc/Session/Connect" -d "[\"$server\",\"ana@example.test\",\"a long enough password\"]" >/dev/null
  kill "$browser"; wait "$browser"
}

visible() { xdotool search --onlyvisible --name '^Recado$'; }
hidden() { ! visible; }
gone() { ! kill -0 "$app"; }

# start_app ARGUMENT…: sets $app and $window, once its page is drawn.
start_app() {
  local started
  started=$(date +%s%N)
  "$program" "$@" >>"$OUT/app.out" 2>>"$OUT/app.log" & app=$!
  pids+=("$app")
  until_true 60 "the window" visible
  echo "$name: window after $((($(date +%s%N) - started) / 1000000)) ms"
  window=$(visible | head -1)
  until_true 60 "the drawn page" drawn
}
drawn() { # a drawn page has many colours; an empty one has one or two
  import -window "$window" "$OUT/window.png"
  [ "$(identify -format %k "$OUT/window.png")" -gt 50 ]
}
bubbles() { xdotool search --onlyvisible --class xfce4-notifyd; }
