#!/usr/bin/env bash
# Installs the .deb in build/bin, looks at what came, uses it as its users would, and removes it without a trace of its
# own. It needs root, and a system without Recado.
set -euo pipefail
cd "$(dirname "$0")/../.."
fail() { echo "package-proof: $*" >&2; exit 1; }
deb=$(ls build/bin/recado_*_linux_*.deb) || fail "make package first"
[ -z "$(command -v recado)" ] || fail "Recado is installed here"
home=$(mktemp -d)
trap 'rm -rf "$home"; dpkg -s recado >/dev/null 2>&1 && dpkg -P recado' EXIT

dpkg -i "$deb"
dpkg -s recado | grep -q 'Status: install ok installed' || fail "not installed"
recado version
desktop-file-validate /usr/share/applications/recado.desktop
appstreamcli validate --no-net /usr/share/metainfo/org.recado.Recado.metainfo.xml
update-desktop-database /usr/share/applications
export HOME=$home XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data
mkdir -p "$XDG_CONFIG_HOME"
[ "$(xdg-mime query default x-scheme-handler/recado)" = recado.desktop ] || fail "links do not open Recado"
recado user add --data "$home/server" --email ana@example.test --name Ana >/dev/null
recado check --data "$home/server"
RECADO_STAGE_PROGRAM=$(command -v recado) build/e2e/window-smoke.sh
files=$(dpkg -L recado)
dpkg -P recado
for f in $files; do [ ! -f "$f" ] || fail "$f stays"; done
echo "package-proof: passed"
