"""python -m fingerpost."""

import sys

from fingerpost.cli.main import main

sys.exit(main(sys.argv[1:]))
