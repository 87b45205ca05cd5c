"""What is needed next is made on another thread while the last one is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import torch

Item = TypeVar("Item")
Made = TypeVar("Made")
_DEPTH = 2  # that are ready or in work


def ahead(make: Callable[[Item], Made], items: Iterable[Item]) -> Generator[Made, None, None]:
    """make(item) of each, in order: one thread makes them one after another, so that what `make` draws from a generator
    is drawn in the same order as without it. Close the iterator (contextlib.closing) before that generator is used
    elsewhere."""
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(1, initializer=torch.set_num_threads, initargs=(1,)) as thread:
        try:
            for item in items:
                waiting.append(thread.submit(make, item))
                if len(waiting) > _DEPTH:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
