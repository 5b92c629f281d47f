"""What the plant says: its events, their one order, and the views over them."""
