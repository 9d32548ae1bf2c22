"""The network: its equations, its fast form, and the files it is kept in."""
