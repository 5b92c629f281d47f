"""Monitoring: what watches a stream with a model."""
