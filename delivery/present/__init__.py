"""The only renderers: values in, text out. Decides nothing and fetches nothing."""
