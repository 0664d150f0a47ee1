"""A document made from a template that is not ours: in a process of its own, with limits on time and memory.

Jinja's sandbox keeps a template from what it must not touch, not from counting to a billion. What takes too long or too
much is ended, and the template is said to be broken. The process knows none of our settings and, where the system lets
it, no network. `python -P -m papers.apart` is that process; -P, so that a folder `papers` where somebody happens to be
is not taken for ours.
"""

from __future__ import annotations

import ctypes
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from papers.active_content import active_content
from papers.word import TemplateBroken

P = TypeVar("P")

SECONDS = 4
MEMORY_BYTES = 350_000_000
MOST_BYTES = 30_000_000
"""The largest document taken back."""

TOO_MUCH = (
    "It takes more than {seconds} seconds or {memory} MB to fill in. Look for a loop in a loop, or a very large number."
)


def render_apart(render: Callable[[P, bytes], bytes], paper: P, template_bytes: bytes) -> bytes:
    """What `render` makes, a function of a module; blocking. Raises `TemplateBroken`."""
    asked = pickle.dumps((render, paper, template_bytes))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "papers.apart"],
            input=asked,
            capture_output=True,
            timeout=4 * SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired as error:
        raise TemplateBroken(_too_much()) from error
    if done.returncode or len(done.stdout) > MOST_BYTES:
        raise TemplateBroken(_too_much())
    is_made, made = done.stdout[:1] == b"+", done.stdout[1:]
    if not is_made:
        raise TemplateBroken(made.decode("utf-8", "replace"))
    return made


def _too_much() -> str:
    return TOO_MUCH.format(seconds=SECONDS, memory=MEMORY_BYTES // 1_000_000)


def main() -> None:
    """Read what is asked from standard input, write the document or why there is none."""
    asked = sys.stdin.buffer.read()
    render, paper, template_bytes = pickle.loads(asked)  # noqa: S301  written by `render_apart`, the parent
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    _leave_the_network()
    try:
        made = b"+" + _made(render, paper, template_bytes)
    except TemplateBroken as error:
        made = b"-" + str(error).encode()
    sys.stdout.buffer.write(made)


def _made(render: Callable[[P, bytes], bytes], paper: P, template_bytes: bytes) -> bytes:
    if said := active_content(template_bytes):
        raise TemplateBroken(said)
    made = render(paper, template_bytes)
    if said := active_content(made):  # a tag can write it: {{ "<w:fldSimple …>"|safe }}
        raise TemplateBroken(said)
    return made


NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
"""CLONE_NEWUSER and CLONE_NEWNET of `unshare(2)`."""


def _leave_the_network() -> None:
    """Into a network of its own, with nothing in it. Systems that forbid it, or have no such thing, go on without."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(NEW_USER | NEW_NETWORK)


if __name__ == "__main__":
    main()
