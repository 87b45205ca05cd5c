"""Long proofs have two forms: a short one in every run, the full one with TAKTGATE_NIGHTLY=1 (`make nightly`)."""

import os

NIGHTLY = os.environ.get("TAKTGATE_NIGHTLY") == "1"


def form(what: str, short: int, full: int) -> int:
    """How many of `what` this run proves; both counts are printed among the figures."""
    taken = full if NIGHTLY else short
    print(f"[form] {what}: {taken:,} ({'full' if NIGHTLY else 'short'} form; short {short:,}, full {full:,})")
    return taken
