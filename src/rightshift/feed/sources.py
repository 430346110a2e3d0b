"""What well-known binary packages were built from, for lists that name binaries alone. Who asks: `candidates.py`."""

_ALPINE = {
    "openssl": "libcrypto1.0 libssl1.0 libcrypto1.1 libssl1.1 libcrypto3 libssl3 openssl-libs-static",
    "musl": "musl-utils libc-utils musl-dev",
    "busybox": "ssl_client busybox-binsh busybox-static busybox-suid",
    "curl": "libcurl",
    "zlib": "zlib-dev",
    "expat": "libexpat",
    "libxml2": "libxml2-utils",
    "ncurses": "ncurses-libs ncurses-terminfo-base libncursesw",
    "krb5": "krb5-libs libcom_err",
    "e2fsprogs": "libcom_err e2fsprogs-libs",
    "nghttp2": "nghttp2-libs",
    "sqlite": "sqlite-libs",
    "libgcrypt": "libgcrypt-dev",
    "xz": "xz-libs",
    "pcre2": "libpcre2-8",
    "gcc": "libgcc libstdc++ libgomp",
    "apk-tools": "libapk2",
    "c-ares": "c-ares-dev",
    "openssh": "openssh-client openssh-server openssh-keygen openssh-client-default openssh-sftp-server",
    "util-linux": "libblkid libmount libuuid",
    "postgresql": "libpq",
    "mariadb": "mariadb-client mariadb-connector-c",
    "python3": "python3-dev",
    "icu": "icu-libs icu-data-en",
    "brotli": "brotli-libs",
    "bind": "bind-libs bind-tools",
}
_DEBIAN = {
    "openssl": "libssl1.0.0 libssl1.0.2 libssl1.1 libssl3 libssl3t64 libssl-dev",
    "glibc": "libc6 libc-bin libc-l10n locales multiarch-support libc6-dev libc-dev-bin nscd",
    "e2fsprogs": "e2fslibs libcomerr2 libcom-err2 libss2 libext2fs2 logsave",
    "libidn2": "libidn2-0",
    "systemd": "libsystemd0 libudev1 udev systemd-sysv libpam-systemd",
    "util-linux": "libblkid1 libmount1 libsmartcols1 libuuid1 libfdisk1 mount bsdutils fdisk",
    "shadow": "passwd login",
    "curl": "libcurl4 libcurl3 libcurl3-gnutls libcurl4-openssl-dev",
    "krb5": "libgssapi-krb5-2 libk5crypto3 libkrb5-3 libkrb5support0",
    "gnutls28": "libgnutls30 libgnutls30t64",
    "expat": "libexpat1",
    "zlib": "zlib1g zlib1g-dev",
    "xz-utils": "liblzma5",
    "bzip2": "libbz2-1.0",
    "ncurses": "libncurses6 libncursesw6 libncurses5 libncursesw5 libtinfo6 libtinfo5 ncurses-base ncurses-bin",
    "perl": "perl-base perl-modules-5.28 perl-modules-5.32 perl-modules-5.36 libperl5.28 libperl5.32 libperl5.36",
    "sqlite3": "libsqlite3-0",
    "libxml2": "libxml2-utils",
    "pcre2": "libpcre2-8-0",
    "pcre3": "libpcre3",
    "db5.3": "libdb5.3",
    "pam": "libpam0g libpam-modules libpam-modules-bin libpam-runtime",
    "gnupg2": "gnupg gpgv gpg gpg-agent gpgconf dirmngr",
    "libgcrypt20": "libgcrypt20-dev",
    "libtasn1-6": "libtasn1-6-dev",
    "lz4": "liblz4-1",
    "libzstd": "libzstd1",
    "apt": "libapt-pkg4.12 libapt-pkg5.0 libapt-pkg6.0 apt-utils",
    "dpkg": "libdpkg-perl dpkg-dev",
    "openssh": "openssh-client openssh-server openssh-sftp-server ssh",
    "openldap": "libldap-2.4-2 libldap-2.5-0",
    "cyrus-sasl2": "libsasl2-2 libsasl2-modules-db",
    "nghttp2": "libnghttp2-14",
    "libssh2": "libssh2-1",
    "libwebp": "libwebp6 libwebp7",
    "tiff": "libtiff5 libtiff6",
    "freetype": "libfreetype6",
    "python3.11": "python3.11-minimal libpython3.11-stdlib libpython3.11-minimal libpython3.11",
    "python3.9": "python3.9-minimal libpython3.9-stdlib libpython3.9-minimal libpython3.9",
    "python3.7": "python3.7-minimal libpython3.7-stdlib libpython3.7-minimal libpython3.7",
    "vim": "vim-tiny vim-common vim-runtime xxd",
    "policykit-1": "polkitd libpolkit-gobject-1-0 libpolkit-agent-1-0",
    "sudo": "sudo-ldap",
    "nginx": "nginx-light nginx-full nginx-extras nginx-common nginx-core",
    "apache2": "apache2-bin apache2-utils apache2-data",
    "git": "git-man",
    "wget": "wget-udeb",
}
_FAMILIES = {"Debian": _DEBIAN, "Ubuntu": _DEBIAN, "Alpine": _ALPINE, "Alpaquita": _ALPINE, "Wolfi": _ALPINE}


def _inverted(table: dict[str, str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for source, binaries in table.items():
        for binary in binaries.split():
            found[binary] = (*found.get(binary, ()), source)
    return found


_SOURCES = {family: _inverted(table) for family, table in _FAMILIES.items()}


def known(base: str, binary: str) -> tuple[str, ...]:
    """
    The sources that a binary package of this name is built from as a rule; empty when it is not among the known.

    Source: the packages' own descriptions in Debian 9 to 13 and Alpine 3.9 to 3.22.
    """
    return _SOURCES.get(base, {}).get(binary, ())
