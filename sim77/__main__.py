"""``python -m sim77``: the same as the command ``sim77``."""

import sys

from sim77.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
