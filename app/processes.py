"""Server processes that share one socket: replaced when they die, renewed one after the other."""

import gc
import multiprocessing
import os
import signal
import socket
import time
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event

import structlog

from app import server
from settings import Settings

LOG = structlog.get_logger()

# How long a process may take until it serves, in seconds; past that a renewal goes no further.
START = 120


def run(settings: Settings, listening: socket.socket, count: int) -> None:
    """Serves until told to stop, in this process or in ``count`` of its children; SIGHUP renews the children."""
    if count == 1:
        server.serve(settings, listening, 0)
    else:
        gc.enable()
        Family(settings, listening, count).run()


class Family:
    """All end with this one."""

    def __init__(self, settings: Settings, listening: socket.socket, count: int) -> None:
        self._settings, self._listening, self._count = settings, listening, count
        self._context = multiprocessing.get_context("spawn")
        self._processes: dict[int, BaseProcess] = {}
        # Kept: an event that is forgotten here can't be opened there.
        self._ready: dict[int, Event] = {}
        self._stopping = self._renewing = False

    def run(self) -> None:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._hear)
        for number in range(self._count):
            self._start(number)
        while not self._stopping:
            wait([process.sentinel for process in self._processes.values()], server.LOOK)
            if self._renewing:
                self._renew()
            self._replace_dead()
        self._stop()

    def _hear(self, number: int, _: object) -> None:
        if number == signal.SIGHUP:
            self._renewing = True
        else:
            self._stopping = True

    def _start(self, number: int) -> None:
        ready = self._ready[number] = self._context.Event()
        arguments = (self._settings, self._listening, number, os.getpid(), ready)
        process = self._context.Process(target=server.serve, args=arguments)
        # On Ctrl+C this process ends them: one that is still starting would end with a traceback.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        process.start()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._processes[number] = process

    def _replace_dead(self) -> None:
        for number, process in list(self._processes.items()):
            if not self._stopping and not process.is_alive():
                # Not at once: one that can't start must not be started a thousand times a second.
                time.sleep(server.LOOK)
                self._start(number)

    def _renew(self) -> None:
        """With the code as it is on disk now. The socket is never closed, and all but one process serve."""
        self._renewing = False
        for number in range(self._count):
            if self._stopping:
                return
            old = self._processes[number]
            if old.pid and old.is_alive():
                os.kill(old.pid, signal.SIGHUP)
            _end(old, server.HAND_OVER + server.GRACE + 5)
            self._start(number)
            if not self._serves(number):
                LOG.error("renewal.stopped", process=number)
                return
        LOG.info("renewal.done", processes=self._count)

    def _serves(self, number: int) -> bool:
        deadline = time.monotonic() + START
        while not self._ready[number].wait(0.1):
            if self._stopping or not self._processes[number].is_alive() or time.monotonic() > deadline:
                return False
        return True

    def _stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            _end(process, self._settings.drain_seconds + server.GRACE + 5)


def _end(process: BaseProcess, seconds: float) -> None:
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
