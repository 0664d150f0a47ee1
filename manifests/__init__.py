"""What a council's Microsoft 365 tenant installs, read with `importlib.resources`: data, no code. This file makes the
folder a package of its own: without it Python joins it with any other folder of that name on its path."""
