"""Do two texts match, how, and where?"""
