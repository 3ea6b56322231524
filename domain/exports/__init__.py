"""What a member takes along: all that the network has of them, read a batch at a time."""
