"""Model registries: MLflow servers and stores, Cloudera's workbench and AI Registry.

Plain REST; nothing here is imported before somebody wants something of a registry.
"""
