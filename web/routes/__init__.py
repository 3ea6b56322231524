"""Handlers, a file per area. They only translate: read the form, one domain call, choose a template."""
