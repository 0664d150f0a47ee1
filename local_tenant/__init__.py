"""A Microsoft 365 tenant on this machine: Graph, Bot Connector and a page. For trying, teaching and testing only.

Its own program with its own code: nothing of the product is imported here, nothing here is in its path in production.
"""
