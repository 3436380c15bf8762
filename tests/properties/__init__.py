"""What must hold whatever comes in: for a moment in the tests, for longer in `make fuzz`."""
