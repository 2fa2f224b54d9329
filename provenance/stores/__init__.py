"""Where articles rest between runs, and survive a crash."""
