"""A stream comes in blocks of whole lines, in memory that is used again when it is free."""

from __future__ import annotations

import io
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.ingest.blocks import Buffers, read_blocks
from provenance.ingest.kernels import find_line_ends, is_utf8
from provenance.ingest.literals import lift_texts


class Drops(io.RawIOBase):
    """Gives at most `size` bytes at a time, and breaks after `total`."""

    def __init__(self, data: bytes, size: int, total: int | None = None) -> None:
        self._data = io.BytesIO(data[:total])
        self._size = size
        self._breaks = total is not None

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self._data.read(min(self._size, len(buffer)))
        if not data and self._breaks:
            raise OSError("the cable was pulled")
        buffer[: len(data)] = data
        return len(data)


def lines_of(blocks):
    """Return every line as (number, first byte, bytes)."""
    found = []
    for block in blocks:
        start = 0
        for place, stop in enumerate(block.ends.tolist()):
            line = block.data[start:stop].tobytes()
            found.append((block.line + place, block.start + start, line))
            start = stop
        assert start == block.data.size
    return found


DATA = st.lists(st.sampled_from([b"a", b"\n", b"bc" * 40, b"\xff\r"]), max_size=60).map(b"".join)


@given(DATA, st.integers(1, 99), st.integers(1, 99))
def test_lines_are_whole(data, size, drop):
    """Whatever the sizes of blocks and reads, the lines are those of the stream, numbered and placed."""
    stream = io.BufferedReader(Drops(data, drop), 16)
    expected, start = [], 0
    for number, line in enumerate(io.BytesIO(data), start=1):
        expected.append((number, start, line))
        start += len(line)
    assert lines_of(read_blocks(stream, Buffers(size))) == expected


@given(DATA, st.integers(1, 99), st.integers(0, 99))
def test_failure_comes_after_the_lines(data, size, total):
    """A stream that breaks gives its whole lines first; a line cut short is lost."""
    stream = io.BufferedReader(Drops(data, 7, total), 16)
    found = []

    def read_on():
        for block in read_blocks(stream, Buffers(size)):
            found.extend(lines_of([block]))

    with pytest.raises(OSError, match="cable"):
        read_on()
    whole = data[: data[:total].rfind(b"\n") + 1]
    assert [line for *_, line in found] == list(io.BytesIO(whole))


def test_long_line():
    """A line longer than many blocks is read whole, and those before it do not wait for it."""
    lines = [b"a\n", b"x" * 5_000_000 + b"\n", b"b\n"]
    blocks = list(read_blocks(io.BufferedReader(io.BytesIO(b"".join(lines))), Buffers(1000)))
    assert [line for *_, line in lines_of(blocks)] == lines
    assert blocks[0].data.tobytes() == lines[0]


def test_buffers_return_by_themselves():
    """Held memory is not given out again; memory that was let go is."""
    buffers = Buffers(100)
    first, second = buffers.take(), buffers.take()
    assert first is not second
    first[:] = b"f" * 100
    array = np.frombuffer(first, np.uint8)[10:20]
    kept = id(first)
    del first
    assert id(buffers.take()) != kept
    assert array.tobytes() == b"f" * 10
    del array
    assert id(buffers.take()) == kept
    assert len(buffers.take(101)) >= 101


def test_buffers_hold_little():
    """Blocks that are let go one by one take three buffers, however many blocks there are."""
    buffers = Buffers(1 << 12)
    seen = set()
    for block in read_blocks(io.BufferedReader(io.BytesIO(b"line\n" * 50_000)), buffers):
        seen.add(block.data.ctypes.data)
    assert len(seen) <= 3


def is_decodable(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_utf8_by_the_letter():
    """The kernel's verdict is Python's on every short sequence of the bytes at which rules change."""
    edges = b"\x00\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf4\xf5\xff"
    for length in (0, 1, 2, 3, 4):
        for letters in product(edges[:: 1 + (length == 4)], repeat=length):
            data = bytes(letters)
            assert is_utf8(np.frombuffer(data, np.uint8)) == is_decodable(data), data


@given(st.one_of(st.binary(max_size=300), st.text(max_size=150).map(str.encode)), st.data())
def test_utf8(data, draw):
    """The kernel's verdict is Python's, also where a good text is cut or changed."""
    changed = bytearray(data)
    if data and draw.draw(st.booleans()):
        changed[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    stop = draw.draw(st.integers(0, len(data)))
    for sample in (data, bytes(changed), data[:stop], data[stop:]):
        assert is_utf8(np.frombuffer(sample, np.uint8)) == is_decodable(sample)


def odd_lines(data, ends):
    """Return the lines of which nothing is left."""
    short = np.empty(len(data), np.uint8)
    short_ends, spans = np.empty_like(ends), np.empty((ends.size, 2), np.int64)
    bytes_ = np.frombuffer(data, np.uint8)
    lift_texts(bytes_, 0, ends, np.frombuffer(b'"text"', np.uint8), 512, short, short_ends, spans)
    return np.diff(short_ends, prepend=0) == 0


@given(
    st.lists(st.one_of(st.binary(max_size=90), st.text(max_size=40).map(str.encode)), max_size=9)
)
def test_no_bad_line_is_missed(parts):
    """Of a line that is not UTF-8 nothing goes to the parser, whatever the lines around it."""
    data = b"\n".join(parts)
    ends = np.empty(data.count(b"\n") + 1, np.int64)
    assert find_line_ends(np.frombuffer(data, np.uint8), ends) == data.count(b"\n")
    ends[-1] = len(data)
    odd = odd_lines(data, ends)
    lines = data.split(b"\n")
    assert all(mark or is_decodable(line) for mark, line in zip(odd, lines, strict=True))
    if is_decodable(data):
        assert not odd[:-1].any()


@pytest.mark.parametrize(
    ("inside", "marked"),
    [
        (b"[" * 499, False),
        (b"[{" * 250, True),
        (b"7" * 640, True),
        (b"7" * 400, False),
        ("ا".encode() * 3000, False),
    ],
)
def test_odd_lines(inside, marked):
    """Lines with many brackets or very long numbers do not go to the parser, wherever these begin."""
    for front in range(0, 200, 7):
        data = b"x" * front + inside + b"\n"
        assert odd_lines(data, np.array([len(data)])).tolist() == [marked]


def test_line_ends_beyond_the_room():
    """Without room for all ends they are counted all the same, and nothing is written beyond."""
    data = np.frombuffer(b"\n" * 1000, np.uint8)
    room = np.full(20, -1, np.int64)
    assert find_line_ends(data, room[:10]) == 1000
    assert (room[10:] == -1).all()
