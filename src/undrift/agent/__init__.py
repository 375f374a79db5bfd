"""Everything that travels to a server. Standard library only, Python 3.6 and newer."""
