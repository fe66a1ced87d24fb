"""Hostile input by the thousand: ``python -m tests.fuzz --cases 10000 --seed 1``.

Valid files, addresses and messages are changed at random (`mutations`), given to whatever of sim77
reads them (`subjects`), in processes that are ended when they hang or grow (`pool`). Nothing may
come of it but a `Sim77Error` of one line, and no file outside the case's own folder may be touched.
"""
