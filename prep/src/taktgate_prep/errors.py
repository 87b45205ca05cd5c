"""The one error that the user can mend."""


class InputError(Exception):
    """Bad input. The text is one line: expected X, got Y: what to do."""
