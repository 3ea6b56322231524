"""Moves the network to another web address: signed notices, who is told of them, and how members sign in there."""
