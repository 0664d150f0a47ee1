"""What the product must say, reckoned apart from it, and compared with what it does say.

The rules are written here once more, in the plainest way, with their numbers as literals and their source. No module of
the product may be imported here; only `driver`, which feeds the product and asks it, may. Begin with `year`.
"""
