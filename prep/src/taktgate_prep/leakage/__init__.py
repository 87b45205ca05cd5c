"""Whether the tested windows were in the data that the model was made from."""
