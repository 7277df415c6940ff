"""The OpenAPI document against every transcript."""
