"""Units of sizes in bytes."""

MB = 1024 * 1024
