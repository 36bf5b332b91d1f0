"""Cores are shared by who computes."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from crispd.ingest.stages.core_budget import CoreBudget


def test_no_more_compute_than_there_are_cores() -> None:
    budget, lock, running, most = CoreBudget(2), threading.Lock(), 0, 0

    def count(number: int) -> None:
        nonlocal running, most
        with lock:
            running += number
            most = max(most, running)

    def decode() -> None:
        for _ in range(50):
            with budget.decoding() as begin:
                begin()
                begin()  # of a second preview: it has its core already
                count(1)
                count(-1)

    def encode(cores: int) -> None:
        for _ in range(50):
            with budget.encoding(cores):
                count(min(cores, 2))
                count(-min(cores, 2))

    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(decode) for _ in range(4)]
        jobs += [pool.submit(encode, cores) for cores in (0, 1, 2, 9)]
        for job in jobs:
            job.result(timeout=30)
    assert most == 2


def test_encoders_go_first() -> None:
    budget, order = CoreBudget(1), []
    held, end = threading.Event(), threading.Event()

    def hold() -> None:
        with budget.decoding() as begin:
            begin()
            held.set()
            end.wait(10)

    def decode() -> None:
        with budget.decoding() as begin:
            begin()
            order.append("decode")

    def encode() -> None:
        with budget.encoding(1):
            order.append("encode")

    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(hold)]
        assert held.wait(10)
        jobs.append(pool.submit(encode))
        while not budget.encoders_waiting:
            pass
        jobs.append(pool.submit(decode))
        end.set()
        for job in jobs:
            job.result(timeout=10)
    assert order == ["encode", "decode"]


def test_a_photo_that_computes_nothing_takes_no_core() -> None:
    budget = CoreBudget(1)
    with budget.decoding(), budget.encoding(1):
        pass
