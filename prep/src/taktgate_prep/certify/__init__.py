"""The report of a pair of models, and the certificate of a release."""
