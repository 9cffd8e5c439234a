"""The parts that every page and dialog is made of. Import each from its own module."""
