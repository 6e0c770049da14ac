"""Clause by clause: is the promise kept, and what shows it?"""
