"""The settings that each PEFT type has in adapter_config.json.

Taken from the configuration classes of PEFT 0.21; a few of older releases are added. A setting that
is not listed here is no mistake: the list only tells "known" from "newer than Lorarium".
"""

from __future__ import annotations

from functools import cache

_COMMON = (
    "auto_mapping base_model_name_or_path inference_mode peft_type peft_version revision task_type"
)
_PROMPT = (
    "modules_to_save num_attention_heads num_layers num_transformer_submodules num_virtual_tokens "
    "token_dim"
)
_TUNER = "init_weights modules_to_save target_modules"
_LAYERS = " layers_pattern layers_to_transform"
_LORA = (
    "alora_invocation_tokens alpha_pattern arrow_config bias corda_config ensure_weight_tying "
    "eva_config exclude_modules fan_in_fan_out init_lora_weights kasa_config "
    "layer_replication layers_pattern layers_to_transform loftq_config lora_alpha lora_bias "
    "lora_dropout lora_ga_config megatron_config megatron_core modules_to_save "
    "monteclora_config qalora_group_size r rank_pattern runtime_config target_modules "
    "target_parameters trainable_token_indices use_bdlora use_dora use_qalora use_rslora "
    "velora_config"
)
_KEYS = {
    "PROMPT_TUNING": _PROMPT
    + (" prompt_tuning_init prompt_tuning_init_text tokenizer_kwargs tokenizer_name_or_path"),
    "MULTITASK_PROMPT_TUNING": _PROMPT
    + (
        " num_ranks num_tasks prompt_tuning_init prompt_tuning_init_state_dict_path "
        "prompt_tuning_init_task prompt_tuning_init_text tokenizer_kwargs "
        "tokenizer_name_or_path"
    ),
    "P_TUNING": _PROMPT
    + (" encoder_dropout encoder_hidden_size encoder_num_layers encoder_reparameterization_type"),
    "PREFIX_TUNING": _PROMPT + " encoder_hidden_size init_weights prefix_projection",
    "LORA": _LORA,
    "ADALORA": _LORA
    + (" beta1 beta2 deltaT init_r orth_reg_weight target_r tfinal tinit total_step"),
    "ADAMSS": _TUNER
    + _LAYERS
    + (
        " asa_importance_beta asa_schedule_exponent asa_target_subspaces asa_uncertainty_beta "
        "final_warmup init_warmup mask_interval num_subspaces r random_seed subspace_rank "
        "svd_threshold use_asa use_dynamic_rank"
    ),
    "BOFT": _TUNER
    + _LAYERS
    + (
        " bias boft_block_num boft_block_size boft_dropout boft_n_butterfly_factor "
        "exclude_modules fan_in_fan_out"
    ),
    "ADAPTION_PROMPT": " adapter_layers adapter_len target_modules",
    "IA3": (
        " exclude_modules fan_in_fan_out feedforward_modules init_ia3_weights modules_to_save "
        "target_modules"
    ),
    "BEFT": _TUNER,
    "LILY": _TUNER + _LAYERS + " exclude_modules num_B r scaling stride_A",
    "LOHA": _TUNER
    + _LAYERS
    + (
        " alpha alpha_pattern exclude_modules module_dropout r rank_dropout rank_pattern "
        "use_effective_conv2d"
    ),
    "LOKR": _TUNER
    + _LAYERS
    + (
        " alpha alpha_pattern decompose_both decompose_factor exclude_modules module_dropout r "
        "rank_dropout rank_dropout_scale rank_pattern use_effective_conv2d"
    ),
    "OFT": _TUNER
    + _LAYERS
    + (
        " alpha_pattern bias block_share coft eps exclude_modules fan_in_fan_out "
        "module_dropout num_cayley_neumann_terms oft_block_size r rank_pattern "
        "use_cayley_neumann"
    ),
    "POLY": _TUNER + " exclude_modules n_skills n_splits n_tasks poly_type r",
    "LN_TUNING": " exclude_modules modules_to_save target_modules",
    "VERA": _TUNER
    + _LAYERS
    + (" bias d_initial fan_in_fan_out projection_prng_key r save_projection vera_dropout"),
    "FROD": _TUNER
    + _LAYERS
    + (
        " bias fan_in_fan_out frod_dropout progressbar projection_prng_key "
        "regularization_alpha runtime_offload_base_weight save_projection sparse_rate"
    ),
    "PVERA": _TUNER
    + _LAYERS
    + (
        " bias d_initial fan_in_fan_out generator_seed projection_prng_key pvera_dropout r "
        "sample_at_inference save_projection"
    ),
    "FOURIERFT": _TUNER
    + _LAYERS
    + (
        " bias exclude_modules fan_in_fan_out n_frequency n_frequency_pattern random_loc_seed "
        "scaling"
    ),
    "GLORA": _TUNER + " bias config_A_B config_C config_D_E r",
    "XLORA": (
        " adapters enable_softmax enable_softmax_topk global_scaling_weight hidden_size "
        "layerwise_scalings scaling_pass_value softmax_temperature top_k_lora "
        "use_trainable_adapters xlora_depth xlora_dropout_p xlora_size"
    ),
    "HRA": _TUNER + _LAYERS + " apply_GS bias exclude_modules r",
    "VBLORA": _LAYERS
    + (
        " bias exclude_modules fan_in_fan_out init_logits_std init_vector_bank_bound "
        "modules_to_save num_vectors r save_only_topk_weights target_modules topk "
        "vblora_dropout vector_length"
    ),
    "UNILORA": _TUNER
    + _LAYERS
    + (
        " bias fan_in_fan_out init_theta_d_bound proj_seed r save_indices theta_d_length "
        "unilora_dropout"
    ),
    "CPT": _PROMPT
    + (
        " cpt_mask cpt_token_ids cpt_tokens_type_mask opt_loss_decay_factor "
        "opt_projection_epsilon opt_projection_format_epsilon opt_weighted_loss_type "
        "tokenizer_name_or_path"
    ),
    "MISS": _TUNER + _LAYERS + " bias exclude_modules mini_r miss_dropout r",
    "RANDLORA": _TUNER
    + _LAYERS
    + (
        " bias fan_in_fan_out projection_prng_key r randlora_alpha randlora_dropout "
        "save_projection sparse very_sparse"
    ),
    "ROAD": _TUNER + " group_size variant",
    "TRAINABLE_TOKENS": " init_weights target_modules token_indices",
    "HIRA": _TUNER + _LAYERS + " exclude_modules fan_in_fan_out hira_dropout r rank_pattern",
    "SHIRA": _TUNER + " fan_in_fan_out mask_type r random_seed",
    "C3A": _TUNER + _LAYERS + " bias block_size block_size_pattern",
    "WAVEFT": _TUNER
    + _LAYERS
    + (
        " bias exclude_modules fan_in_fan_out n_frequency n_frequency_pattern "
        "proportional_parameters random_loc_seed scaling use_idwt wavelet_family"
    ),
    "OSF": _TUNER + " effective_rank rank_pattern target_svd_config",
    "DELORA": _TUNER
    + _LAYERS
    + (" bias delora_lambda exclude_modules lambda_pattern module_dropout r rank_pattern"),
    "GRALORA": _TUNER + _LAYERS + " alpha bias fan_in_fan_out gralora_dropout gralora_k hybrid_r r",
    "CARTRIDGE": _PROMPT + " num_frozen_tokens",
    "TINYLORA": _TUNER
    + _LAYERS
    + (
        " bias fan_in_fan_out init_v_bound projection_seed r save_projection tinylora_dropout "
        "u weight_tying"
    ),
    "PSOFT": _TUNER
    + _LAYERS
    + (
        " ab_svd_init cayley_neumann_eps exclude_modules fan_in_fan_out "
        "num_cayley_neumann_terms psoft_alpha psoft_dropout psoft_mag_a psoft_mag_b "
        "psoft_orth psoft_svd psoft_svd_lowrank_niter r random_seed use_cayley_neumann"
    ),
    "PEANUT": _TUNER + _LAYERS + " act_fn depth exclude_modules r scaling",
    "SHADOW": _TUNER
    + _LAYERS
    + (
        " auxiliary_loss_weight exclude_modules r shadow_alpha shadow_dropout "
        "shadow_hidden_size shadow_intermediate_size shadow_model shadow_num_attention_heads "
        "shadow_num_hidden_layers share_embeddings update_hidden_size"
    ),
    "SUPERTUNING": _TUNER
    + (" lora_alpha lora_dropout r save_precomputed_indices select_top sparsity"),
    "DEFT": _TUNER
    + _LAYERS
    + (
        " alpha bias decomposition_method deft_dropout exclude_modules fan_in_fan_out "
        "init_scale para r"
    ),
}


@cache
def known_keys(peft_type: str) -> frozenset[str] | None:
    """The settings of a PEFT type, common ones included; None for a type that is not known."""
    own = _KEYS.get(peft_type)
    return None if own is None else frozenset(_COMMON.split()) | frozenset(own.split())
