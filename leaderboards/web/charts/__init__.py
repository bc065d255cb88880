"""Geometry of the pictures: frozen values in per cent of the plot, which the templates draw as SVG."""
