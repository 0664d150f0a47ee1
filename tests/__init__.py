"""One behaviour a test, named as a sentence; real parts over doubles."""
