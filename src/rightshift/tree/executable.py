"""Which files are executables: by name, by size and mode, by their first bytes. Reading them: `catalog/`."""

import re

LEAST_BYTES = 64
"""The header of a small program; nothing that runs is smaller."""
HEAD_BYTES = 8
JAVA_LEAST_MAJOR = 45
"""A fat Mach-O and a Java class begin alike; then comes a count of architectures, or a version from 45 on."""

_MACH_O = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
_FAT = (b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf")
_LIBRARIES = (".so", ".dll", ".exe", ".dylib", ".node", ".pyd")

_DATA_ENDINGS = """
    a adoc bat bmp bz2 c cc cfg class coffee conf cpp crt css csv d dart deb desktop ejs el elc eot erl ex exs f90
    fish flow gemspec gif gir go gz h hbs hpp htm html i icns ico in inc info ini ipynb jar java jpeg jpg js json
    json5 jsx kt la less lhs list lock log lua m m4 map markdown md md5sums mjs ml mli mo mod mp3 mp4 mts o ocx odt
    otf patch pc pdf pem php phpt pl plist plt pm png po pod postinst postrm preinst prerm properties proto ps1 pug
    pxd py pyc pyi pyo pyx r rb rbs rc rdoc rlib rmeta rs rst sass scala scm scss sh shlibs sql sum svg swift
    symbols t tar tcl test tex textile tfm tgz tiff tmpl toml tpl triggers ts tsv tsx ttf txt typed vim vue war wasm
    wav webp whl woff woff2 xbm xhtml xml xpm xsd xsl xz y yaml yml zip zst
"""
_DATA = frozenset(_DATA_ENDINGS.split())


def may_be_named(name: str) -> bool:
    """False where the ending says that it is something else, so that nobody asks for the file's size and mode."""
    return "." not in name or name.rpartition(".")[2] not in _DATA


def may_be(name: str, mode: int, size_bytes: int) -> bool:
    """
    Of a regular file whose name leaves it open: executable, a library, or named like a program.

    Copies often lose their permission to be executed (archives, checkouts, artefacts), so a name without an ending is
    enough, unless it is in capitals (LICENSE, METADATA) or a hash (objects of git).
    """
    if size_bytes < LEAST_BYTES:
        return False
    if mode & 0o111 or ".so." in name or name.endswith(_LIBRARIES):
        return True
    return "." not in name and not name.isupper() and not _HASH(name)


_HASH = re.compile(r"[0-9a-f]{16,}\Z").match


def begins_like_one(head: bytes) -> bool:
    """The first `HEAD_BYTES` of an ELF, PE or Mach-O file, for one or several architectures."""
    if head[:4] in _FAT:
        return 0 < int.from_bytes(head[4:8], "big") < JAVA_LEAST_MAJOR
    return head[:4] == b"\x7fELF" or head[:2] == b"MZ" or head[:4] in _MACH_O
