"""The network at another address: who says so, who is told, and how members come in there."""
