"""The port of the application: opened when it starts, and tried before long work that needs it."""

from __future__ import annotations

import socket

from peakend.errors import PeakendError


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 takes any that is free. Raises PeakendError where it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PeakendError(
            f"Port {port} of {host} cannot be opened: {error.strerror}",
            fix="End what uses it, or name another one: --port 8001",
            what_zh=f"{host} 的端口 {port} 无法打开：{error.strerror}",
            fix_zh="请结束占用它的程序，或换一个端口：--port 8001",
        ) from None
    return listener
