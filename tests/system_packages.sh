#!/bin/sh
# Installs the system packages that tests use as real parts: as root on Debian. Elsewhere it names them, and the tests
# that need one skip and say so.
packages="docker-registry skopeo umoci rpm zstd podman containerd docker.io postgresql-15 curl jq"
programs="docker-registry skopeo umoci rpm zstd podman containerd dockerd /usr/lib/postgresql/15/bin/postgres curl jq"
missing=""
set -- $packages
for program in $programs; do
  PATH="$PATH:/usr/sbin:/sbin" command -v "$program" >/dev/null 2>&1 || missing="$missing $1"
  shift
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing$missing"
  export DEBIAN_FRONTEND=noninteractive
  # its programs are wanted, not a server of the machine's own
  conf=/etc/postgresql-common/createcluster.conf
  [ -e "$conf" ] || { mkdir -p "${conf%/*}" && echo "create_main_cluster = false" >"$conf"; }
  { apt-get update -qq && apt-get install -qq -y --no-install-recommends -o Dpkg::Options::=--force-confold $missing; } >/tmp/apt.$$ 2>&1 && rm -f /tmp/apt.$$ && exit 0
  tail -n 5 /tmp/apt.$$; rm -f /tmp/apt.$$
fi
echo "not installed:$missing. Tests that need them will be skipped; on Debian: apt-get install$missing"
exit 0
