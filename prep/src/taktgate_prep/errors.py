"""The one error that the user can mend."""


class InputError(Exception):
    """Bad input. The text is one line: expected X, got Y: what to do."""


def from_device(message: str) -> str:
    """`expected A, got B; do C` of the device's code is `expected A, got B: do C` here."""
    said, _, remedy = message.rpartition("; ")
    return f"{said}: {remedy}" if said else remedy
