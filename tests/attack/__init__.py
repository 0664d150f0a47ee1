"""Attacks on a started service, one a file: each was found to work once."""
