"""Units of what is measured in bytes."""

MB = 1024 * 1024
