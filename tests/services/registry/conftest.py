"""The MLflow server and stores for the tests in this folder."""

from __future__ import annotations

from tests.mlflow_server.fixtures import (
    mlflow_database_store,
    mlflow_folder_store,
    mlflow_server,
)

__all__ = ["mlflow_database_store", "mlflow_folder_store", "mlflow_server"]
