"""Other people's formats out."""
