# Shared by the scripts of this folder; sourced, never run.
# shellcheck shell=bash disable=SC2034

PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${SLUICE_CACHE:-${HOME:?HOME is not set}/.cache/sluice}
MAVEN_VERSION_MIN=3.8.7
JDK_VERSION=25
JAR=target/sluice.jar
# Classes as the JVM keeps them after a rehearsed start; empty where that failed.
ARCHIVE=target/sluice.aot
PORT_TRIES=50
JVM_OPTIONS=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow)

# Progress and problems go to stderr, so that stdout stays a result that other programs read.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
  say "$*"
  exit 1
}
in_ci() { [ "${CI:-}" = true ]; }
has() { command -v "$1" >/dev/null 2>&1; }

# with_progress LOG LABEL [-c COUNTER] COMMAND...: runs a command quietly, tells every ten seconds (every second on a
# terminal) how long it has run, and shows the end of LOG when it fails. COUNTER is a function that prints a note.
with_progress() {
  local log=$1 label=$2 counter=: started=$SECONDS every=10 ticker status=0
  shift 2
  if [ "$1" = -c ]; then
    counter=$2
    shift 2
  fi
  [ -t 2 ] && every=1
  say "$label ..."
  # The ticker is the background process, so that Ctrl-C reaches the command; it ends with this script at the latest.
  (
    while kill -0 $$ 2>/dev/null; do
      sleep 1 >/dev/null 2>&1 9>&-
      elapsed=$((SECONDS - started))
      [ $((elapsed % every)) = 0 ] || continue
      if [ -t 2 ]; then
        printf '\r\033[K%s: %s ... %d s %s' "${0##*/}" "$label" "$elapsed" "$($counter)" >&2
      else
        say "$label ... $elapsed s $($counter)"
      fi
    done
  ) 9>&- &
  ticker=$!
  "$@" >"$log" 2>&1 || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  [ -t 2 ] && printf '\r\033[K' >&2
  if [ "$status" = 0 ]; then
    say "$label: done in $((SECONDS - started)) s"
  else
    say "$label: failed after $((SECONDS - started)) s; the end of $log:"
    tail -n 30 "$log" >&2
  fi
  return "$status"
}

# Prints the version a java command reports, major number only; a NOTE on options it picked up may come first.
jdk_major() { "$1/bin/java" -version 2>&1 | sed -n '/version "/{s/.*version "\([0-9]*\).*/\1/p;q}'; }

# Prints the home of a JDK 25: JAVA_HOME when it is one, else the JVM folders, else the java on PATH.
find_jdk() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*"$JDK_VERSION"* /opt/*jdk*"$JDK_VERSION"* "$HOME"/.jdks/*"$JDK_VERSION"* \
    "$HOME"/.sdkman/candidates/java/"$JDK_VERSION"* "$(dirname "$(dirname "$(readlink -f "$(command -v java || echo /)")")")"; do
    [ -x "$home/bin/javac" ] && [ "$(jdk_major "$home")" = "$JDK_VERSION" ] && echo "$home" && return
  done
  return 1
}

# as_root COMMAND...: runs it as root where that needs no password; fails otherwise.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif has sudo && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 1
  fi
}

# ensure_tool COMMAND PACKAGE: the command exists, or apt can install its package; else fails with a message.
ensure_tool() {
  has "$1" && return
  has apt-get || {
    say "$1 is missing and this machine has no apt: install it"
    return 1
  }
  as_root true || {
    say "$1 is missing; install it: apt-get install $2 (needs root)"
    return 1
  }
  with_progress "$(mktemp)" "installing $2" as_root sh -c \
    "apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $2" || return 1
  has "$1"
}

# Sets JAVA_HOME and the flags that keep Maven quiet on it.
use_jdk() {
  JAVA_HOME=$(find_jdk) || die "no JDK $JDK_VERSION found: unpack one under /usr/lib/jvm (Temurin and other vendors
  publish archives and packages for Debian) or set JAVA_HOME to it"
  export JAVA_HOME
  export MAVEN_OPTS="${MAVEN_OPTS:-} ${JVM_OPTIONS[*]}"
}

use_maven() {
  use_jdk
  ensure_tool mvn maven || die "Maven $MAVEN_VERSION_MIN or later is needed"
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Prints the first free port from one on.
free_port() {
  local port
  for ((port = $1; port < $1 + PORT_TRIES; port++)); do port_is_free "$port" && echo "$port" && return; done
  die "no free port from $1 to $((port - 1))"
}

# server_port PGDATA: prints the port of the server that runs on a data folder of PostgreSQL, as its lock file names it
# (process first, port fourth); fails where that process is gone.
server_port() {
  local lock=()
  [ -f "$1/postmaster.pid" ] || return 1
  mapfile -t lock <"$1/postmaster.pid"
  [[ ${lock[0]:-} =~ ^[0-9]+$ && ${lock[3]:-} =~ ^[0-9]+$ ]] && kill -0 "${lock[0]}" 2>/dev/null && echo "${lock[3]}"
}

# kept_port FOLDER FIRST: prints the port of the embedded database of a data folder. It stays with the folder, so that a
# server which a killed gateway left behind is found again; where another program took it, a new one is kept.
kept_port() {
  local file=$1/postgres.port port
  if ! port=$(server_port "$1/postgres/pgdata"); then
    port=$(cat "$file" 2>/dev/null) || port=''
    if [[ ! $port =~ ^[0-9]+$ ]] || ! port_is_free "$port"; then
      port=$(free_port "$2") || return
    fi
  fi
  echo "$port" >"$file" && echo "$port"
}

# What a demonstration is, whatever its networks.
use_demo() {
  export SLUICE_NETWORK=regtest SLUICE_DEMO_ENABLED=true SLUICE_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES=true
  export SLUICE_RATES_SOURCES=${SLUICE_RATES_SOURCES-} # fixed prices need no internet
  export SLUICE_RATES_FIXED=${SLUICE_RATES_FIXED:-USD=60000,EUR=55000,GBP=47000,JMD=9400000,TTD=408000}
  export SLUICE_DATABASE_EMBEDDED_PROGRAMS=${SLUICE_DATABASE_EMBEDDED_PROGRAMS:-$CACHE/postgres-programs}
}

use_simulated() {
  use_demo
  export SLUICE_CHAIN_MODE=simulated SLUICE_LIGHTNING_MODE=simulated
}
