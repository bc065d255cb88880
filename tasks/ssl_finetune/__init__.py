"""tasks/ssl_finetune."""
