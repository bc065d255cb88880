"""Records into MLflow and back, ranking, reports and pages."""
