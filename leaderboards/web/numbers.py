"""Numbers in sentences and tables."""

from __future__ import annotations

import math


def number(value: float | None, digits: int = 3) -> str:
    """Format a quantity with about ``digits`` significant digits, never in powers of ten."""
    if value is None:
        return "–"
    if value == 0 or float(value).is_integer():
        return f"{value:,.0f}".replace("-", "−")
    decimals = min(max(digits - 1 - math.floor(math.log10(abs(value))), 0), 6)
    return f"{value:,.{decimals}f}".replace("-", "−")


def p_shown(value: float) -> str:
    """Format a p-value."""
    return "p\u00a0<\u00a00.0001" if value < 1e-4 else f"p\u00a0=\u00a0{value:.2g}"
