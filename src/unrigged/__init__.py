"""Auctions and markets that collusion cannot rig: define them, play them exactly, prove what they promise."""
