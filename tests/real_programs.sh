#!/bin/sh
# Unpacks real programs that tests read, and never runs or installs them: below build/programs, by package.
# Elsewhere than on Debian there are none, and the tests that want one skip and say so.
command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || exit 0
into="$(dirname "$0")/../build/programs"
mkdir -p "$into" && cd "$into" || exit 0
missing=""
for package in openssl python3.11-minimal curl nodejs busybox nginx apache2-bin redis-tools postgresql-15 \
  mariadb-server-core haproxy php8.2-cli openjdk-17-jre-headless golang-1.19-go; do
  [ -e "$package/version" ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
echo "unpacking$missing"
[ "$(id -u)" = 0 ] && apt-get update -qq >/dev/null 2>&1
for package in $missing; do
  rm -rf "$package" "$package"_*.deb
  apt-get download -qq "$package" >/dev/null 2>&1 || { echo "no package $package here"; continue; }
  mkdir "$package" && dpkg-deb -x "$package"_*.deb "$package" && dpkg-deb -f "$package"_*.deb Version >"$package/.version" &&
    mv "$package/.version" "$package/version"
  rm -f "$package"_*.deb
done
exit 0
