"""The catalogue database: tables, engine, queries, migrations."""
