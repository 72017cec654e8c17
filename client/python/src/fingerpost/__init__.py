"""The right HTTP redirect, and safe following, from the Fingerpost service."""

import importlib.metadata

__version__ = importlib.metadata.version("fingerpost")

from fingerpost.answers import Decision, Hop, Outcome, Source
from fingerpost.client import AsyncClient, Client
from fingerpost.errors import FingerpostError, Violation
from fingerpost.transport import plaintext, tls

__all__ = ["AsyncClient", "Client", "Decision", "FingerpostError", "Hop", "Outcome", "Source", "Violation", "plaintext", "tls"]
