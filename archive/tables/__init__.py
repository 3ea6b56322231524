"""A record for each live table that holds what people would miss, a file per area.

A record's fields are the table's columns in order, each with what it may hold. Where the domain has a limit, that is
the one; everything else is bounded by what the code writes. Rules between fields are the database's: its keys.
"""
