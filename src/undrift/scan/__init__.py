"""The story of a scan: look at every server, change nothing."""
