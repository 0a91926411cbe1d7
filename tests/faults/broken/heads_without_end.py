"""Broken on purpose: uvicorn's own protocol, which keeps a head of any length."""

from app.kit import serving

vars(serving)["BoundedHeads"] = "httptools"
