"""Scanning disks for adapters, and importing thousands of them at once.

`scan` is the facade. `worker`, `walk` and `look` run in child processes: they import nothing but
the standard library and `peft_folder`.
"""
