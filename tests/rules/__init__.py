"""The rules of `communities/`, each value written out here with its source instead of read from the code.

Nothing here needs a database, a file or another package of the product, so that `make mutants` can run all of it
against every changed copy of the rules.
"""
