"""Random programs over the whole table: what they are, how they are drawn, what must hold of them."""
