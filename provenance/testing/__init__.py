"""Strategies and checks that users of the library may reuse."""
