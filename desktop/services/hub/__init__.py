"""The Hugging Face Hub and what speaks its protocol: names, info, search, cache, sign-in.

huggingface_hub asks (info, tree, search, whoami); bytes of files are for `services.transfer`.
Nothing here is imported before somebody wants something of a hub.
"""
