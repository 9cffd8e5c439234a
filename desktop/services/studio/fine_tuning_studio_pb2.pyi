from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AdapterMetadata(_message.Message):
    __slots__ = ("id", "type", "name", "model_id", "location", "huggingface_name", "fine_tuning_job_id", "prompt_id", "cml_registered_model_id", "mlflow_experiment_id", "mlflow_run_id", "description")
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    HUGGINGFACE_NAME_FIELD_NUMBER: _ClassVar[int]
    FINE_TUNING_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    PROMPT_ID_FIELD_NUMBER: _ClassVar[int]
    CML_REGISTERED_MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    MLFLOW_EXPERIMENT_ID_FIELD_NUMBER: _ClassVar[int]
    MLFLOW_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: str
    name: str
    model_id: str
    location: str
    huggingface_name: str
    fine_tuning_job_id: str
    prompt_id: str
    cml_registered_model_id: str
    mlflow_experiment_id: str
    mlflow_run_id: str
    description: str
    def __init__(self, id: _Optional[str] = ..., type: _Optional[str] = ..., name: _Optional[str] = ..., model_id: _Optional[str] = ..., location: _Optional[str] = ..., huggingface_name: _Optional[str] = ..., fine_tuning_job_id: _Optional[str] = ..., prompt_id: _Optional[str] = ..., cml_registered_model_id: _Optional[str] = ..., mlflow_experiment_id: _Optional[str] = ..., mlflow_run_id: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class ModelMetadata(_message.Message):
    __slots__ = ("id", "type", "framework", "name", "huggingface_model_name", "location", "cml_registered_model_id", "mlflow_experiment_id", "mlflow_run_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    FRAMEWORK_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    HUGGINGFACE_MODEL_NAME_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    CML_REGISTERED_MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    MLFLOW_EXPERIMENT_ID_FIELD_NUMBER: _ClassVar[int]
    MLFLOW_RUN_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: str
    framework: str
    name: str
    huggingface_model_name: str
    location: str
    cml_registered_model_id: str
    mlflow_experiment_id: str
    mlflow_run_id: str
    def __init__(self, id: _Optional[str] = ..., type: _Optional[str] = ..., framework: _Optional[str] = ..., name: _Optional[str] = ..., huggingface_model_name: _Optional[str] = ..., location: _Optional[str] = ..., cml_registered_model_id: _Optional[str] = ..., mlflow_experiment_id: _Optional[str] = ..., mlflow_run_id: _Optional[str] = ...) -> None: ...

class PromptMetadata(_message.Message):
    __slots__ = ("id", "type", "name", "dataset_id", "prompt_template", "input_template", "completion_template")
    ID_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATASET_ID_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    INPUT_TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_TEMPLATE_FIELD_NUMBER: _ClassVar[int]
    id: str
    type: str
    name: str
    dataset_id: str
    prompt_template: str
    input_template: str
    completion_template: str
    def __init__(self, id: _Optional[str] = ..., type: _Optional[str] = ..., name: _Optional[str] = ..., dataset_id: _Optional[str] = ..., prompt_template: _Optional[str] = ..., input_template: _Optional[str] = ..., completion_template: _Optional[str] = ...) -> None: ...

class FineTuningJobMetadata(_message.Message):
    __slots__ = ("id", "base_model_id", "dataset_id", "prompt_id", "num_workers", "cml_job_id", "adapter_id", "num_cpu", "num_memory", "num_gpu", "num_epochs", "learning_rate", "out_dir", "training_arguments_config", "model_bnb_config", "adapter_bnb_config", "lora_config", "dataset_fraction", "train_test_split", "user_script", "user_config_id", "user_config", "framework_type", "axolotl_config_id", "gpu_label_id", "adapter_name")
    ID_FIELD_NUMBER: _ClassVar[int]
    BASE_MODEL_ID_FIELD_NUMBER: _ClassVar[int]
    DATASET_ID_FIELD_NUMBER: _ClassVar[int]
    PROMPT_ID_FIELD_NUMBER: _ClassVar[int]
    NUM_WORKERS_FIELD_NUMBER: _ClassVar[int]
    CML_JOB_ID_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_ID_FIELD_NUMBER: _ClassVar[int]
    NUM_CPU_FIELD_NUMBER: _ClassVar[int]
    NUM_MEMORY_FIELD_NUMBER: _ClassVar[int]
    NUM_GPU_FIELD_NUMBER: _ClassVar[int]
    NUM_EPOCHS_FIELD_NUMBER: _ClassVar[int]
    LEARNING_RATE_FIELD_NUMBER: _ClassVar[int]
    OUT_DIR_FIELD_NUMBER: _ClassVar[int]
    TRAINING_ARGUMENTS_CONFIG_FIELD_NUMBER: _ClassVar[int]
    MODEL_BNB_CONFIG_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_BNB_CONFIG_FIELD_NUMBER: _ClassVar[int]
    LORA_CONFIG_FIELD_NUMBER: _ClassVar[int]
    DATASET_FRACTION_FIELD_NUMBER: _ClassVar[int]
    TRAIN_TEST_SPLIT_FIELD_NUMBER: _ClassVar[int]
    USER_SCRIPT_FIELD_NUMBER: _ClassVar[int]
    USER_CONFIG_ID_FIELD_NUMBER: _ClassVar[int]
    USER_CONFIG_FIELD_NUMBER: _ClassVar[int]
    FRAMEWORK_TYPE_FIELD_NUMBER: _ClassVar[int]
    AXOLOTL_CONFIG_ID_FIELD_NUMBER: _ClassVar[int]
    GPU_LABEL_ID_FIELD_NUMBER: _ClassVar[int]
    ADAPTER_NAME_FIELD_NUMBER: _ClassVar[int]
    id: str
    base_model_id: str
    dataset_id: str
    prompt_id: str
    num_workers: int
    cml_job_id: str
    adapter_id: str
    num_cpu: int
    num_memory: int
    num_gpu: int
    num_epochs: int
    learning_rate: float
    out_dir: str
    training_arguments_config: str
    model_bnb_config: str
    adapter_bnb_config: str
    lora_config: str
    dataset_fraction: float
    train_test_split: float
    user_script: str
    user_config_id: str
    user_config: str
    framework_type: str
    axolotl_config_id: str
    gpu_label_id: int
    adapter_name: str
    def __init__(self, id: _Optional[str] = ..., base_model_id: _Optional[str] = ..., dataset_id: _Optional[str] = ..., prompt_id: _Optional[str] = ..., num_workers: _Optional[int] = ..., cml_job_id: _Optional[str] = ..., adapter_id: _Optional[str] = ..., num_cpu: _Optional[int] = ..., num_memory: _Optional[int] = ..., num_gpu: _Optional[int] = ..., num_epochs: _Optional[int] = ..., learning_rate: _Optional[float] = ..., out_dir: _Optional[str] = ..., training_arguments_config: _Optional[str] = ..., model_bnb_config: _Optional[str] = ..., adapter_bnb_config: _Optional[str] = ..., lora_config: _Optional[str] = ..., dataset_fraction: _Optional[float] = ..., train_test_split: _Optional[float] = ..., user_script: _Optional[str] = ..., user_config_id: _Optional[str] = ..., user_config: _Optional[str] = ..., framework_type: _Optional[str] = ..., axolotl_config_id: _Optional[str] = ..., gpu_label_id: _Optional[int] = ..., adapter_name: _Optional[str] = ...) -> None: ...

class GetDatasetSplitByAdapterRequest(_message.Message):
    __slots__ = ("adapter_id",)
    ADAPTER_ID_FIELD_NUMBER: _ClassVar[int]
    adapter_id: str
    def __init__(self, adapter_id: _Optional[str] = ...) -> None: ...

class GetDatasetSplitByAdapterMetadata(_message.Message):
    __slots__ = ("dataset_fraction", "train_test_split")
    DATASET_FRACTION_FIELD_NUMBER: _ClassVar[int]
    TRAIN_TEST_SPLIT_FIELD_NUMBER: _ClassVar[int]
    dataset_fraction: float
    train_test_split: float
    def __init__(self, dataset_fraction: _Optional[float] = ..., train_test_split: _Optional[float] = ...) -> None: ...

class GetDatasetSplitByAdapterResponse(_message.Message):
    __slots__ = ("response",)
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    response: GetDatasetSplitByAdapterMetadata
    def __init__(self, response: _Optional[_Union[GetDatasetSplitByAdapterMetadata, _Mapping]] = ...) -> None: ...
