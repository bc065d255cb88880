"""HTTP: Kaggle's wire for the official client, a JSON API, uploads and downloads. Pages are elsewhere."""
