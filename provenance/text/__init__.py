"""What are the comparable words, and where do they stand in the original?"""
