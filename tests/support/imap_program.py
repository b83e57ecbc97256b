"""The program of the IMAP server for tests: pymap, to which a password is cheap to try.

By itself it spends a quarter of a second of the processor on each, as it should; a test signs in again and again.
"""

from __future__ import annotations

from functools import partial

from pymap import config
from pymap.main import main
from pysasl.hashing import BuiltinHash

if __name__ == "__main__":
    config.BuiltinHash = partial(BuiltinHash, rounds=1)
    main()
