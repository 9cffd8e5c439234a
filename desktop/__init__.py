"""Lorarium: the desktop library for PEFT adapters."""

__version__ = "0.1.0"
