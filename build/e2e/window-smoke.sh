#!/usr/bin/env bash
# Starts the desktop build in a real window on a display of its own, signs in through a local server, has a second
# person write, and checks that the window is drawn, that a real notification daemon shows the bubble, and that a second
# start shows the first.
#
#   build/e2e/window-smoke.sh [FOLDER]     pictures and logs go to FOLDER (default: a temporary one)
#
# Needs xvfb openbox xfce4-notifyd adwaita-icon-theme imagemagick xdotool dbus-daemon curl (`build/setup window`
# installs them), and node.
set -euo pipefail
. "$(dirname "$0")/stage.sh"

sign_in_ana
start_app

# Another window takes the focus, so that the app is not being looked at.
xdotool windowminimize "$window"
until_true 20 "the minimised window" hidden
write_to_ana smoke-1 Lunch 'Shall we eat <b>early</b> & well?' >/dev/null
until_true 60 "the bubble" bubbles
shown() { import -window root "$OUT/bubble.png" && [ "$(identify -format %k "$OUT/bubble.png")" -gt 20 ]; }
until_true 30 "the drawn bubble" shown

# A second app on the same profile shows the first and ends; a hostile link is refused; SIGTERM ends the app cleanly.
"$program" || fail "a second start did not find the first"
until_true 20 "the window that was asked for" visible
if "$program" 'recado://conversation/../../x' 2>"$OUT/hostile.log"; then fail "a hostile link was taken"; fi
kill -TERM "$app"
until_true 30 "the end after SIGTERM" gone
wait "$app" || fail "the app ended with $?"
echo "window-smoke: passed; pictures in $OUT"
