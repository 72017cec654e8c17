"""``python -m fingerpost decide`` and ``follow``: the flags, the output and the exit status of the ``fingerpost`` command, for a server's answers."""
