"""Measures one submission on one task on one profile; knows no board and no team."""
