"""We are the guest: one module for each framework that news pipelines are already built with."""
