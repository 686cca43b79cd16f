#!/usr/bin/env bash
# The desktop build in an Xfce session of its own: the tray with its badge and menu, bubbles that count on, are clicked
# and withdrawn, closing to the tray, panels that come and go, a second start with a link, quiet.
#
#   build/e2e/desktop-proof.sh [FOLDER]     pictures and logs go to FOLDER (default: a temporary one)
#
# Needs what window-smoke.sh needs, and xfce4-panel xfconf wmctrl libglib2.0-bin (`build/setup proof` installs them).
set -euo pipefail
stage_tools="xfce4-panel wmctrl gdbus xfconf-query"
. "$(dirname "$0")/stage.sh"

settings=$XDG_CONFIG_HOME/xfce4/xfconf/xfce-perchannel-xml
mkdir -p "$settings"
cat >"$settings/xfce4-panel.xml" <<'XML'
<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/><value type="int" value="2"/><value type="int" value="3"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="tasklist"/>
    <property name="plugin-2" type="string" value="separator"><property name="expand" type="bool" value="true"/></property>
    <property name="plugin-3" type="string" value="systray"/>
  </property>
</channel>
XML

step() { echo "$name: $*"; }
start_panel() { xfce4-panel --disable-wm-check >>"$OUT/panel.log" 2>&1 & panel=$!; pids+=("$panel"); }
stop_panel() { kill -9 "$panel" 2>/dev/null || true; wait "$panel" 2>/dev/null || true; }
picture() { import -window root "$OUT/$1.png"; }
corner() { import -window root -crop 160x40+1280+0 +repage -resize 400% "$OUT/$1.png"; }

item() { # item PROPERTY: what the tray's icon says on the bus
  gdbus call --session --dest "org.kde.StatusNotifierItem-$app-1" --object-path /StatusNotifierItem \
    --method org.freedesktop.DBus.Properties.Get org.kde.StatusNotifierItem "$1"
}
tooltip_says() { item ToolTip | grep -qF "$1"; }
registered() {
  gdbus call --session --dest org.kde.StatusNotifierWatcher --object-path /StatusNotifierWatcher \
    --method org.freedesktop.DBus.Properties.Get org.kde.StatusNotifierWatcher RegisteredStatusNotifierItems | grep -q StatusNotifierItem
}
icon_shown() { # the right end of the panel is not all of one colour
  [ "$(import -window root -crop 30x30+1408+1 +repage txt:- | grep -o '#[0-9A-F]*' | sort -u | wc -l)" -gt 20 ]
}
click_icon() { xdotool mousemove 1423 16 click "$1"; }
no_bubbles() { ! bubbles; }
ana_sees() { [ "$(curl -sS -H "Authorization: Bearer $ana_token" "$server/api/v1/conversations/$1" | json '["seenUpTo"]')" = "$2" ]; }
ana_token=$(sign_in ana | json '["token"]')

sign_in_ana
start_panel
start_app
until_true 30 "the icon in the panel" registered
until_true 30 "the drawn icon" icon_shown
until_true 10 "nothing unseen in the tooltip" tooltip_says "Nothing unseen"
corner tray-nothing

step "an unseen conversation shows on the icon and in a bubble"
xdotool windowminimize "$window"
until_true 20 "the minimised window" hidden
lunch=$(write_to_ana proof-1 Lunch 'Shall we eat early?')
until_true 30 "the bubble" bubbles
until_true 10 "one unseen in the tooltip" tooltip_says "1 unseen conversation"
sleep 0.5; corner tray-one; picture bubble

step "the bubble counts on, in place"
as_luis POST "/conversations/$lunch/messages" '{"key":"proof-2","body":"Or late?"}' >/dev/null
counted() { gdbus call --session --dest org.freedesktop.Notifications --object-path /org/freedesktop/Notifications \
  --method org.freedesktop.Notifications.GetServerInformation >/dev/null && [ "$(bubbles | wc -l)" -eq 1 ]; }
sleep 1; until_true 10 "one bubble" counted
picture bubble-two

step "a click on it opens the conversation, and seen withdraws it"
eval "$(xdotool getwindowgeometry --shell "$(bubbles | head -1)")"
xdotool mousemove $((X + WIDTH * 44 / 100)) $((Y + HEIGHT * 74 / 100)) # Open: here a click beside it only dismisses
sleep 0.3
xdotool click 1
until_true 20 "the window after the click" visible
until_true 20 "seen at the server" ana_sees "$lunch" 2
until_true 20 "the bubble's end" no_bubbles
until_true 10 "nothing unseen" tooltip_says "Nothing unseen"
picture clicked

step "a mention shows as one; seen on another device withdraws the bubble"
xdotool windowminimize "$(visible | head -1)"
until_true 20 "the minimised window" hidden
as_luis POST "/conversations/$lunch/messages" "{\"key\":\"proof-3\",\"body\":\"<@$ana|Ana> here?\",\"mentions\":[\"$ana\"]}" >/dev/null
until_true 30 "the bubble" bubbles
until_true 10 "the mention in the tooltip" tooltip_says "with a mention"
sleep 0.5; corner tray-mention
call -X PUT -H "Authorization: Bearer $ana_token" "$server/api/v1/conversations/$lunch/seen" -d '{"upTo":3}' >/dev/null
until_true 10 "the withdrawal" no_bubbles
until_true 10 "nothing unseen" tooltip_says "Nothing unseen"

step "closing goes to the tray, and says so once; a click on the icon brings it back"
click_icon 1
until_true 20 "the window from the tray" visible
wmctrl -i -c "$(printf 0x%x "$(visible | head -1)")"
until_true 20 "the closed window" hidden
until_true 10 "what closing means" bubbles
sleep 0.5; picture told
gone && fail "closing ended the app"
xdotool search --class xfce4-notifyd windowunmap || true
click_icon 1
until_true 20 "the window from the tray" visible
wmctrl -i -c "$(printf 0x%x "$(visible | head -1)")"
until_true 20 "the closed window" hidden

step "the menu"
click_icon 3
sleep 1; picture menu
xdotool key Escape

step "a panel that starts anew shows the icon again"
stop_panel
start_panel
until_true 30 "the icon in the new panel" registered
until_true 30 "the drawn icon" icon_shown
hidden || fail "the window came up though the panel came back"

step "a second start shows the first, with its link"
dinner=$(write_to_ana proof-4 Dinner 'And in the evening?')
until_true 30 "the bubble" bubbles
"$program" "recado://conversation/$dinner" || fail "the second start failed"
until_true 20 "the window for the link" visible
until_true 20 "the link's conversation seen" ana_sees "$dinner" 1
picture link

step "a burst of many conversations is one bubble"
xdotool windowminimize "$(visible | head -1)"
until_true 20 "the minimised window" hidden
until_true 20 "no bubble" no_bubbles
for i in 1 2 3 4 5 6; do write_to_ana "burst-$i" "Subject $i" "Text $i" >/dev/null; done
until_true 20 "the bubbles" bubbles
one_bubble() { [ "$(bubbles | wc -l)" -eq 1 ]; }
until_true 20 "the one bubble" one_bubble
sleep 0.5; picture burst

step "do not disturb"
xfconf-query -c xfce4-notifyd -p /do-not-disturb -n -t bool -s true
until_true 30 "no bubble" no_bubbles
as_luis POST "/conversations/$lunch/messages" '{"key":"proof-5","body":"Quietly"}' >/dev/null
until_true 10 "the unseen one" tooltip_says "7 unseen"
sleep 1; no_bubbles || fail "a bubble disturbs"
xfconf-query -c xfce4-notifyd -p /do-not-disturb -s false

step "a window hidden in a tray that is gone comes back"
"$program"
until_true 20 "the window" visible
wmctrl -i -c "$(printf 0x%x "$(visible | head -1)")"
until_true 20 "the closed window" hidden
stop_panel
until_true 30 "the window without a panel" visible

step "without a tray, closing ends the app"
wmctrl -i -c "$(printf 0x%x "$(visible | head -1)")"
until_true 30 "the end" gone
wait "$app" || fail "the app ended with $?"
echo "$name: passed; pictures in $OUT"
