"""What is on screen: layout, painting, wiring. No SQL, no file reading, no HTTP."""
