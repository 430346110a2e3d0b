"""Frames arrive as they were sent, however the pipe cuts them, and nothing else is taken for a message."""

import os
import threading

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightshift.catalog.walk import Reading
from rightshift.model.inventory import Gap
from rightshift.model.package import Distro, Owned, Package, SourcePackage
from rightshift.scan import channel

READING = Reading(
    "var/lib/dpkg/status",
    "dpkg-status",
    (Package(ecosystem="deb", name="a", version="1", source=SourcePackage("b", "2"), locations=("x",)),),
    (Owned("a", "amd64", ("bin/a",)),),
    (Distro("debian", "12", ("x",)),),
)


@given(st.lists(st.binary(max_size=50)), st.integers(1, 9))
def test_frames_are_cut_as_they_were_joined(contents: list[bytes], size: int) -> None:
    sent = b"".join(len(content).to_bytes(4, "little") + content for content in contents)
    frames = channel.Frames()
    got = [frame for at in range(0, len(sent), size) for frame in frames.feed(sent[at : at + size])]
    assert got == contents


def test_a_message_comes_back_as_it_was() -> None:
    for message in (
        channel.Batch([READING], [Gap("a", "b")], []),
        channel.Done(3, channel.Outcome("sha256:0", 5, "", b"\0")),
        channel.Failed(1, "no tar"),
        channel.Walls(["seccomp"], []),
    ):
        assert channel.decoded(msgspec.msgpack.encode(message)) == message


@given(st.binary(max_size=200))
def test_nothing_else_is_a_message(content: bytes) -> None:
    try:
        channel.decoded(content)
    except msgspec.MsgspecError:
        return
    assert msgspec.msgpack.decode(content)


def test_a_frame_longer_than_allowed_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        list(channel.Frames().feed(b"\xff\xff\xff\xff"))


def test_a_stream_is_read_to_its_end_and_the_next_begins_there() -> None:
    source, target = os.pipe()
    stream = channel.FramedStream(source)
    for chunk in (b"abc", b"de", b"", b"next", b""):
        channel.write_frame(target, chunk)
    assert [stream.read(2), stream.read(9), stream.read(9), stream.read(9)] == [b"ab", b"c", b"de", b""]
    assert channel.FramedStream(source).read(9) == b"next"
    os.close(target)
    os.close(source)


def test_a_stream_that_broke_off_is_no_end() -> None:
    source, target = os.pipe()
    channel.write_frame(target, b"abc")
    channel.write_broken(target)
    stream = channel.FramedStream(source)
    assert stream.read(9) == b"abc"
    with pytest.raises(OSError, match="broke off"):
        stream.read(9)
    os.close(target)
    os.close(source)


def test_large_frames_pass_through_a_small_pipe() -> None:
    source, target = os.pipe()
    content = bytes(range(256)) * 4096
    writer = threading.Thread(target=channel.write_frame, args=(target, content))
    writer.start()
    stream, got = channel.FramedStream(source), b""
    while len(got) < len(content):
        got += stream.read(1 << 16)
    writer.join()
    assert got == content
    os.close(target)
    os.close(source)


def test_text_that_is_none_is_no_message() -> None:
    with pytest.raises(msgspec.MsgspecError):
        channel.decoded(msgspec.msgpack.encode(channel.Failed(1, "xyz")).replace(b"xyz", b"\xff\xfe\xfd"))
