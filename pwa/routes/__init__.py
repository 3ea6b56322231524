"""Handlers of what makes the site an app, a file per area."""
