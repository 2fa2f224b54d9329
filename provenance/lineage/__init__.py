"""Which story, which parents, how sure?"""
