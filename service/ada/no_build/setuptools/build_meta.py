"""A build backend that builds nothing: `pip download` asks a source archive's backend for metadata,
which would run foreign code and fetch unpinned build tools. service/ada/fetch puts this one first."""

import os


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    name, version = os.environ["NO_BUILD_PACKAGE"].split("==")
    info = f"{name}-{version}.dist-info"
    os.mkdir(os.path.join(metadata_directory, info))
    with open(os.path.join(metadata_directory, info, "METADATA"), "w", encoding="utf-8") as metadata:
        metadata.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return info
