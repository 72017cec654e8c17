"""The right HTTP redirect, and safe following, from the Fingerpost service or its engine in this process."""

import importlib.metadata

__version__ = importlib.metadata.version("fingerpost")

from fingerpost.answers import Decision, Hop, Outcome, Source
from fingerpost.client import AsyncClient, Client
from fingerpost.engine import EngineError
from fingerpost.errors import FingerpostError, Violation
from fingerpost.policy import PolicyState, PolicyStatus
from fingerpost.transport import plaintext, tls

__all__ = [
    "AsyncClient",
    "Client",
    "Decision",
    "EngineError",
    "FingerpostError",
    "Hop",
    "Outcome",
    "PolicyState",
    "PolicyStatus",
    "Source",
    "Violation",
    "plaintext",
    "tls",
]
