"""Whom does a text itself name as a source, and in which role?"""
