"""Sequences that count as followed by zeros without end (1.0 = 1), with parts that lie below zero (1.a < 1)."""

from collections.abc import Iterable

from rightshift.versions.scheme import Key


def endless(parts: Iterable[tuple[int, Key]]) -> tuple[Key, ...]:
    """
    A key for parts given as (sign, value): the sign says whether the part is below, at or above zero.

    Comparing with zeros filled in has no fixed length, so runs of zeros are counted instead: the longer they last
    before something below zero the greater, before something above zero the smaller; the end lies between.
    """
    key: list[Key] = []
    zeros = 0
    for sign, value in parts:
        if sign == 0:
            zeros += 1
            continue
        key += (0, zeros, value) if sign < 0 else (2, -zeros, value)
        zeros = 0
    key.append(1)
    return tuple(key)
