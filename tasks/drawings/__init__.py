"""Pictures of single units: which are drawn, and sheets and tables that several tasks draw."""
