"""What lies beside a model and says how it was made."""
