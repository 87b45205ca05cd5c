"""The one error that the user can mend."""


class InputError(Exception):
    """Bad input. The text is one line: what was expected, what came, what to do."""
