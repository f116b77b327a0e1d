"""An address of its own for each lab: 127.x.y.1, so that ports can be fixed."""

import random
import socket

# Fixed on every lab's address.
PORT_LOCK = 8440
PORT_BOOT = 8443
PORT_BOOT_MTLS = 8444
PORT_CONFIG = 8445
PORT_BARE = 8446
PORT_MATCHBOX = 8080
PORT_METRICS = 9145

ATTEMPTS = 200


class Address:
    """Taken by a listening socket that nobody ever connects to; the kernel
    gives it back however the process ends."""

    def __init__(self):
        for _ in range(ATTEMPTS):
            host = f"127.{random.randint(1, 254)}.{random.randint(0, 254)}.1"
            lock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                lock.bind((host, PORT_LOCK))
                lock.listen(1)
            except OSError:
                lock.close()
                continue
            self.host, self._lock = host, lock
            return
        raise RuntimeError("no free loopback address for a lab")

    def release(self):
        self._lock.close()
