"""What OTLP/HTTP brings: spans and metrics of the GenAI semantic conventions."""
