"""Where bytes come from: files, pipes and open files, compressed or not, followed and rotated."""
