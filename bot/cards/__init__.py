"""Adaptive Cards 1.5, built with Microsoft's typed builders. What people typed is never read as markdown."""
