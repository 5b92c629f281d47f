"""What the plant is made of: lots, machines, cells, people, the carrier."""
