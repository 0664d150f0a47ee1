"""The agreed principles of community working. Source: slide 'Agreed Principles – April 2023'."""

from __future__ import annotations

PRINCIPLES = (
    "Commitment to meeting needs in the area and achieving best possible pupil outcomes",
    "Prioritising the greatest need (vs advocating for own school)",
    "Willingness to support and challenge (and be supported/challenged)",
    "Recognising impact of contextual factors not only levels of pupil need",
    "Active participation even when you don't have immediate need for support",
    "Effective use of all available budgets (delegated, devolved, communities)",
    "Commitment to reducing reliance on additional resources wherever possible (so that these can be reallocated)",
    "Recognition of the need to respond to contingencies as they arise (and ensuring capacity available for this)",
    "Willingness to share good practice with and learn from other communities",
    "Commitment to equity and positive outcomes across the area and county as a whole",
)
