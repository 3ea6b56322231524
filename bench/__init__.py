"""The benchmarks, and what they are compared with. ``docs/benchmarks.md`` says how to read the figures."""
