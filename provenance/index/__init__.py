"""Which pairs deserve a look?"""
