"""Examples of what is sent and answered, kept beside the models and shown in the description."""

from pydantic import ConfigDict
from pydantic.config import JsonDict


def shown(*examples: JsonDict) -> ConfigDict:
    """The configuration of a model that the description of the API shows by these examples."""
    return ConfigDict(json_schema_extra={"examples": list(examples)})
