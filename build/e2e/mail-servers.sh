#!/usr/bin/env bash
# Real mail servers for tests, unprivileged, on loopback, with everything under one folder:
#   mail-servers.sh start DIR   starts Dovecot (IMAP and LMTP), smtp-sink and exim, and prints NAME=value lines
#   mail-servers.sh stop DIR    ends them
# Dovecot takes mail for anybody at any domain; everybody's password is "secret", and name+tag is name. smtp-sink accepts
# and writes each mail to DIR/sink; a second one refuses every recipient with 500, a third with 450. exim hands mail for
# recado.test (RECADO_MAIL_DOMAIN) to Dovecot and sends genuine bounces for every other domain.
set -euo pipefail

usage() { sed -n '3,4s/^# *//p' "$0" >&2; exit 2; }
[ $# -eq 2 ] || usage
dir=$2

free_port() { # one that nobody listens on, below the range of outgoing connections, and not given out before
  while :; do
    local port=$((20000 + RANDOM % 12000))
    [[ " $given " == *" $port "* ]] && continue
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      given+=" $port"
      REPLY=$port
      return
    fi
  done
}

wait_for() { # wait_for NAME PORT
  for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then return; fi
    sleep 0.1
  done
  echo "mail-servers.sh: $1 does not answer on port $2; see $dir/$1.log" >&2
  stop
  exit 1
}

find_program() { # find_program NAME: where Debian puts servers, or where build/setup unpacked them
  local place
  for place in /usr/sbin /usr/local/sbin /usr/bin "$unpacked"/*/usr/sbin; do
    if [ -x "$place/$1" ]; then
      REPLY=$place/$1
      return
    fi
  done
  echo "mail-servers.sh: $1 is missing; run build/setup test" >&2
  exit 1
}

run() { # run NAME PROGRAM…: in the background, as nobody where we are root
  local name=$1
  shift
  [ "$(id -u)" -ne 0 ] || set -- setpriv --reuid="$user" --regid="$group" --clear-groups "$@"
  LD_LIBRARY_PATH="$dir/postfix" "$@" >"$dir/$name.log" 2>&1 </dev/null &
  echo $! >"$dir/$name.pid"
}

alive() { kill -0 "$1" 2>/dev/null && [ "$(ps -o state= -p "$1")" != Z ]; }

stop() {
  local pid file
  for file in "$dir"/*.pid; do
    [ ! -f "$file" ] || kill "$(cat "$file")" 2>/dev/null || true
  done
  for file in "$dir"/*.pid; do
    [ -f "$file" ] || continue
    pid=$(cat "$file")
    for _ in $(seq 50); do
      alive "$pid" || break
      sleep 0.1
    done
    ! alive "$pid" || kill -9 "$pid" 2>/dev/null || true
    rm -f "$file"
  done
}

dovecot_conf() {
  cat <<CONF
base_dir = $dir/dovecot/run
state_dir = $dir/dovecot/state
log_path = $dir/dovecot/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = $user
default_login_user = $user
default_internal_group = $group
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:$dir/mail/%n
recipient_delimiter = +
namespace inbox {
  inbox = yes
}
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=$user gid=$group home=$dir/mail/%n
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $lmtp
  }
}
protocol lmtp {
  auth_username_format = %Ln
}
CONF
}

exim_conf() {
  cat <<CONF
exim_path = $dir/exim/bin
exim_user = $user
exim_group = $group
spool_directory = $dir/exim/spool
log_file_path = $dir/exim/%slog
pid_file_path =
primary_hostname = exim.recado.test
daemon_smtp_ports = $exim
local_interfaces = 127.0.0.1
acl_smtp_rcpt = accept
deliver_drop_privilege = true
keep_environment =
trusted_users = $user
never_users =
begin acl
accept:
  accept
begin routers
mailbox:
  driver = manualroute
  domains = $domain : *.$domain
  transport = lmtp
  route_list = * 127.0.0.1
  self = send
unroutable:
  driver = redirect
  allow_fail
  data = :fail: no such place
begin transports
lmtp:
  driver = smtp
  protocol = lmtp
  port = $lmtp
  hosts_override
  allow_localhost
begin retry
* * F,1h,5s
CONF
}

start() {
  local program
  mkdir -p "$dir"/dovecot/{run,state} "$dir"/exim/spool "$dir"/{mail,sink,postfix}
  chmod 755 "$dir"
  given=""
  free_port; imap=$REPLY
  free_port; lmtp=$REPLY
  free_port; exim=$REPLY
  free_port; sink=$REPLY
  free_port; refusing=$REPLY
  free_port; later=$REPLY
  dovecot_conf >"$dir/dovecot/dovecot.conf"
  exim_conf >"$dir/exim/exim.conf"
  find_program exim4; cp "$REPLY" "$dir/exim/bin" # a copy is not setuid, so it keeps to our configuration
  find_program smtp-sink; cp "$REPLY" "$dir/postfix/" # a copy too: nobody may not look into another's home
  program=$dir/postfix/smtp-sink
  [ ! -d "$unpacked/postfix" ] || cp "$unpacked"/postfix/usr/lib/postfix/*.so* "$dir/postfix/"
  chmod 755 "$dir/exim/bin" "$program"
  [ "$(id -u)" -ne 0 ] || chown -R "$user:$group" "$dir"
  find_program dovecot; run dovecot "$REPLY" -F -c "$dir/dovecot/dovecot.conf"
  run exim "$dir/exim/bin" -C "$dir/exim/exim.conf" -bdf -q5s
  run sink "$program" -c -d "$dir/sink/%H%M%S." "127.0.0.1:$sink" 100
  run sink-refusing "$program" -f rcpt "127.0.0.1:$refusing" 100
  run sink-later "$program" -r rcpt "127.0.0.1:$later" 100
  wait_for dovecot "$imap"
  wait_for dovecot "$lmtp"
  wait_for exim "$exim"
  wait_for sink "$sink"
  wait_for sink-refusing "$refusing"
  wait_for sink-later "$later"
  cat <<PORTS
IMAP_PORT=$imap
LMTP_PORT=$lmtp
EXIM_PORT=$exim
SINK_PORT=$sink
SINK_REFUSING_PORT=$refusing
SINK_LATER_PORT=$later
MAIL_DIR=$dir/mail
SINK_DIR=$dir/sink
PORTS
}

unpacked=${XDG_CACHE_HOME:-$HOME/.cache}/recado
domain=${RECADO_MAIL_DOMAIN:-recado.test}
user=$(id -un) group=$(id -gn)
[ "$(id -u)" -ne 0 ] || user=nobody group=nogroup
case $1 in
start) mkdir -p "$dir" && dir=$(cd "$dir" && pwd) && start ;;
stop) stop ;;
*) usage ;;
esac
