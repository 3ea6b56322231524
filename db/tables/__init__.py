"""Piccolo tables, a file per area.

Where the real key is a pair (a follow, a vote), Piccolo, which knows only single keys, is told of its first half;
the migrations hold the true keys. Flags are 0 or 1, times are Unix milliseconds, so that one SQL serves both engines.
"""
