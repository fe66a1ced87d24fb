"""What a worker process of this machine does first; Dask loads this module there by its name."""

import signal


def dask_setup(worker: object) -> None:
    """Leave the keyboard to the driver, which stops its workers itself.

    A Ctrl-C goes to every process of a terminal, and a worker would answer it with a traceback.

    Parameters
    ----------
    worker : distributed.Worker
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
