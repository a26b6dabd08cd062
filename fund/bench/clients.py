"""The clients of `bench load`, in a process of their own: threads that ask one address over and over.

Standard library alone, so that they take little of the machine that they measure. JSON in, JSON out.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Mapping, Sequence
from threading import Barrier, Thread
from typing import TypedDict

LONGEST_ANSWER_SECONDS = 60.0


class Address(TypedDict):
    name: str
    path: str
    headers: Mapping[str, str]


class Asked(TypedDict):
    """Of one address. `seconds` passed while it was asked; `waits` are those of each answer that was good."""

    name: str
    seconds: float
    waits: list[float]
    errors: list[str]  # the status, or what broke the connection


class Order(TypedDict):
    host: str
    port: int
    clients: int
    rounds: int
    seconds: float  # that each address is asked in each round
    addresses: Sequence[Address]


def ask(order: Order) -> list[Asked]:
    """Each address by itself, by all clients at once; all of them in every round, so that a busy moment meets all."""
    asked = [Asked(name=one["name"], seconds=0.0, waits=[], errors=[]) for one in order["addresses"]]
    for _round in range(order["rounds"]):
        for address, so_far in zip(order["addresses"], asked, strict=True):
            _together(order, address, so_far)
    return asked


def _together(order: Order, address: Address, so_far: Asked) -> None:
    """Counted until the last client has its last answer."""
    at_once = Barrier(order["clients"] + 1)
    threads = [Thread(target=_one, args=(order, address, so_far, at_once)) for _client in range(order["clients"])]
    for thread in threads:
        thread.start()
    at_once.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    so_far["seconds"] += time.perf_counter() - began


def _one(order: Order, address: Address, so_far: Asked, at_once: Barrier) -> None:
    """Over one connection, which is opened again after a fault."""
    connection = http.client.HTTPConnection(order["host"], order["port"], timeout=LONGEST_ANSWER_SECONDS)
    at_once.wait()
    ends = time.perf_counter() + order["seconds"]
    while (began := time.perf_counter()) < ends:
        try:
            connection.request("GET", address["path"], headers=dict(address["headers"]))
            answer = connection.getresponse()
            answer.read()
            error = "" if answer.status == http.HTTPStatus.OK else str(answer.status)
        except (OSError, http.client.HTTPException) as broken:
            connection.close()
            error = type(broken).__name__
        if error:
            so_far["errors"].append(error)
        else:
            so_far["waits"].append(time.perf_counter() - began)
    connection.close()


if __name__ == "__main__":
    json.dump(ask(json.load(sys.stdin)), sys.stdout)
